/** Linkerd's controllers, asked over gRPC as proxies ask them. */
import { describe, expect, it, onTestFinished } from 'vitest';
import type { MeshctlError } from '../../../src/errors.ts';
import { endpointsOf } from '../../../src/mesh/linkerd/controllers/endpoints.ts';
import { inboundPolicy } from '../../../src/mesh/linkerd/controllers/inbound-policy.ts';
import { GET_DESTINATION, UPDATE } from '../../../src/mesh/linkerd/controllers/messages.ts';
import { profileOf } from '../../../src/mesh/linkerd/controllers/profile.ts';
import { ipIn } from '../../../src/mesh/linkerd/controllers/values.ts';
import { listAt, stringAt } from '../../../src/model/body.ts';
import type { Ref } from '../../../src/model/resource.ts';
import { decode, encode } from '../../../src/text/protobuf.ts';
import { type Mesh, openMesh } from '../../sandbox/linkerd/mesh.ts';

const refOf = (mesh: Mesh, name: string, namespace: string): Ref => ({
  kind: 'core/Pod',
  namespace,
  name: mesh.pod(name, namespace).metadata.name,
});
const controllerOf = (mesh: Mesh): Ref => refOf(mesh, 'linkerd-destination', 'linkerd');
const ipOf = (mesh: Mesh, name: string): string => stringAt(mesh.pod(name), 'status', 'podIP') ?? '';

const failing = async (promise: Promise<unknown>): Promise<MeshctlError> =>
  promise.then(
    () => {
      throw new Error('It did not fail.');
    },
    (error) => error,
  );

const apply = (mesh: Mesh, kind: string, name: string, spec: object) => {
  const apiVersion =
    kind === 'ServiceProfile' ? 'linkerd.io/v1alpha2' : kind === 'Server' ? 'policy.linkerd.io/v1beta3' : 'policy.linkerd.io/v1alpha1';
  const namespace = 'emojivoto';
  const body = { apiVersion, kind, metadata: { name, namespace }, spec };
  return mesh.cluster.apply({ kind: `${apiVersion.split('/')[0]}/${kind}`, namespace, name, body } as never);
};

describe('the destination controller', () => {
  it('tells the endpoints of a Service, with whom they prove to be', async () => {
    const mesh = await openMesh();
    const authority = 'voting-svc.emojivoto.svc.cluster.local:8080';
    expect(await endpointsOf(mesh.cluster, controllerOf(mesh), { authority })).toEqual({
      exists: true,
      endpoints: [
        {
          address: ipOf(mesh, 'voting'),
          port: 8080,
          weight: 10_000,
          identity: 'voting.emojivoto.serviceaccount.identity.linkerd.cluster.local',
          protocol: 'h2',
          labels: expect.objectContaining({
            deployment: 'voting',
            namespace: 'emojivoto',
            service: 'voting-svc',
            pod: mesh.pod('voting').metadata.name,
          }),
        },
      ],
    });
  });

  it('tells what is not there, and what is no authority', async () => {
    const mesh = await openMesh();
    const ask = (authority: string) => endpointsOf(mesh.cluster, controllerOf(mesh), { authority });
    expect(await ask('gone.emojivoto.svc.cluster.local:80')).toEqual({ exists: false, endpoints: [] });
    expect(await ask('voting-svc.emojivoto.svc.cluster.local:1')).toEqual({ exists: true, endpoints: [] });
    const error = await failing(ask('example.org:80'));
    expect([error.code, error.exit]).toEqual(['E_GRPC_INVALID_ARGUMENT', 3]);
    expect((await failing(ask('10.0.0.1:80'))).message).toContain('IP queries not supported by Get API: host=10.0.0.1');
  });

  it('goes on to tell what changes', async () => {
    const mesh = await openMesh();
    const { name } = mesh.pod('voting').metadata;
    const asked = { path: 'voting-svc.emojivoto.svc.cluster.local:8080' };
    const stop = new AbortController();
    const updates = mesh.cluster
      .podPort(controllerOf(mesh), 8086)
      .call('io.linkerd.proxy.destination.Destination/Get', encode(GET_DESTINATION, asked), { kind: 'stream', signal: stop.signal })
      [Symbol.asyncIterator]();
    const next = async () => decode('Update', UPDATE, (await updates.next()).value ?? new Uint8Array());
    expect(listAt(await next(), 'add', 'endpoints')).toHaveLength(1);
    await mesh.cluster.delete({ kind: 'core/Pod', namespace: 'emojivoto', name });
    // Webhooks are asked about the pod that takes its place, which takes real time.
    const timer = setInterval(() => mesh.clock.advance(1000), 20);
    onTestFinished(() => clearInterval(timer));
    expect(await next()).toEqual({ none: { exists: true } });
    expect(listAt(await next(), 'add', 'endpoints')).toHaveLength(1);
    stop.abort();
    expect(await updates.next()).toEqual({ value: undefined, done: true });
  });

  it('is not waited for when it is given up', async () => {
    const mesh = await openMesh();
    const reason = new Error('enough');
    const signal = AbortSignal.abort(reason);
    const authority = 'voting-svc.emojivoto.svc.cluster.local:8080';
    expect(await failing(endpointsOf(mesh.cluster, controllerOf(mesh), { authority, signal }))).toBe(reason);
    expect(await failing(profileOf(mesh.cluster, controllerOf(mesh), { authority, signal }))).toBe(reason);
  });

  it('tells profiles of Services with their routes, and of pods', async () => {
    const mesh = await openMesh();
    await apply(mesh, 'ServiceProfile', 'voting-svc.emojivoto.svc.cluster.local', {
      routes: [
        { name: 'vote', isRetryable: true, condition: { method: 'POST', pathRegex: '/vote/.*' } },
        { name: 'rest', condition: { any: [{ pathRegex: '/a' }, { not: { method: 'PURGE' } }] } },
      ],
    });
    const ask = (authority: string) => profileOf(mesh.cluster, controllerOf(mesh), { authority });
    const profile = await ask('voting-svc.emojivoto.svc.cluster.local:8080');
    expect(profile).toEqual({
      name: 'voting-svc.emojivoto.svc.cluster.local',
      isOpaque: false,
      routes: [
        { name: 'vote', condition: '/vote/.* and POST', isRetryable: true, timeoutMs: undefined },
        { name: 'rest', condition: '/a or not (PURGE)', isRetryable: false, timeoutMs: undefined },
      ],
      overrides: [],
      endpoint: undefined,
      parent: { kind: 'Service', namespace: 'emojivoto', name: 'voting-svc' },
    });
    expect((await ask('voting-svc.emojivoto.svc.cluster.local:3306')).isOpaque).toBe(true);
    const ofPod = await ask(`${ipOf(mesh, 'voting')}:8080`);
    expect([ofPod.name, ofPod.parent, ofPod.endpoint?.identity]).toEqual([
      '',
      undefined,
      'voting.emojivoto.serviceaccount.identity.linkerd.cluster.local',
    ]);
    expect((await ask('192.0.2.1:80')).endpoint).toBeUndefined();
  });
});

describe('the policy controller', () => {
  const ask = (mesh: Mesh, name: string, port: number) =>
    inboundPolicy(mesh.cluster, controllerOf(mesh), { pod: refOf(mesh, name, 'emojivoto'), port });

  it('tells the default where no Server is', async () => {
    const mesh = await openMesh();
    expect(await ask(mesh, 'voting', 8080)).toEqual({
      protocol: 'detect',
      detectMs: 10_000,
      labels: { group: '', kind: 'default', name: 'all-unauthenticated' },
      authorizations: [
        {
          labels: { group: '', kind: 'default', name: 'all-unauthenticated' },
          networks: [{ net: '0.0.0.0/0', except: [] }],
          clients: 'anyone',
        },
      ],
      routes: [],
    });
    expect((await ask(mesh, 'voting', 3306)).protocol).toBe('opaque');
  });

  it('tells the Server of a port, and who is let in', async () => {
    const mesh = await openMesh();
    await apply(mesh, 'Server', 'voting-grpc', {
      podSelector: { matchLabels: { app: 'voting-svc' } },
      port: 'grpc',
      proxyProtocol: 'gRPC',
    });
    expect(await ask(mesh, 'voting', 8080)).toMatchObject({
      protocol: 'grpc',
      labels: { group: 'policy.linkerd.io', kind: 'server', name: 'voting-grpc' },
      authorizations: [],
    });
    await apply(mesh, 'MeshTLSAuthentication', 'web', {
      identities: ['web.emojivoto.serviceaccount.identity.linkerd.cluster.local', '*.shop.cluster.local'],
    });
    await apply(mesh, 'NetworkAuthentication', 'near', { networks: [{ cidr: '10.0.0.0/8' }] });
    await apply(mesh, 'AuthorizationPolicy', 'web', {
      targetRef: { group: 'policy.linkerd.io', kind: 'Server', name: 'voting-grpc' },
      requiredAuthenticationRefs: [
        { group: 'policy.linkerd.io', kind: 'MeshTLSAuthentication', name: 'web' },
        { group: 'policy.linkerd.io', kind: 'NetworkAuthentication', name: 'near' },
      ],
    });
    expect((await ask(mesh, 'voting', 8080)).authorizations).toEqual([
      {
        labels: { group: 'policy.linkerd.io', kind: 'authorizationpolicy', name: 'web' },
        networks: [{ net: '10.0.0.0/8', except: [] }],
        clients: ['web.emojivoto.serviceaccount.identity.linkerd.cluster.local', '*.shop.cluster.local'],
      },
    ]);
    await apply(mesh, 'MeshTLSAuthentication', 'web', { identities: ['*'] });
    expect((await ask(mesh, 'voting', 8080)).authorizations[0]?.clients).toBe('meshed');
  });

  it('knows only pods', async () => {
    const mesh = await openMesh();
    const pod = { namespace: 'emojivoto', name: 'gone' };
    expect((await failing(inboundPolicy(mesh.cluster, controllerOf(mesh), { pod, port: 80 }))).code).toBe('E_GRPC_NOT_FOUND');
  });
});

describe('addresses', () => {
  it('are of both kinds', () => {
    expect(ipIn({ ipv4: 0x0a_f4_00_07 })).toBe('10.244.0.7');
    expect(ipIn({ ipv4: 0xff_ff_ff_ff })).toBe('255.255.255.255');
    expect(ipIn({ ipv6: { first: 0xfd00_0000_0000_0001n, last: 7n } })).toBe('fd00:0:0:1:0:0:0:7');
    expect(ipIn({})).toBe('');
  });
});
