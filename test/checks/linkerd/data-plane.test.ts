import { describe, expect, it } from 'vitest';
import { MeshctlError } from '../../../src/errors.ts';
import type { PodAnswer } from '../../../src/model/check.ts';
import { NOW } from '../facts.ts';
import { linkerdConfig, pod, problems, resultOf, webhook } from './mesh.ts';

const namespace = (name: string, annotations: string, labels = ''): string =>
  `\napiVersion: v1\nkind: Namespace\nmetadata: { name: ${name}, annotations: { ${annotations} }, labels: { ${labels} } }\n`;

const service = (ports: string, annotations = '', spec = 'clusterIP: 10.96.0.9'): string => `
apiVersion: v1
kind: Service
metadata: { name: db, namespace: emojivoto, annotations: { ${annotations} } }
spec: { ${spec}, selector: { app: db }, ports: [${ports}] }
`;

describe('webhooks of Linkerd', () => {
  it('must be there', async () => {
    const injector = { without: ['MutatingWebhookConfiguration linkerd-proxy-injector-webhook-config'], mode: 'running' as const };
    expect((await problems(injector))['injector-webhook-exists']?.is).toBe('failed');
    const validator = { without: ['ValidatingWebhookConfiguration linkerd-policy-validator-webhook-config'] };
    expect((await resultOf('validator-webhooks-exist', validator)).reason).toBe(
      'ValidatingWebhookConfiguration "linkerd-policy-validator-webhook-config" does not exist.',
    );
  });

  it('must be answered', async () => {
    const found = await resultOf('webhook-services-ready', { without: ['EndpointSlice linkerd-sp-validator-1'] });
    expect(found).toMatchObject({ is: 'failed', affected: [{ resource: { name: 'linkerd-sp-validator-webhook-config' } }] });
  });
});

describe('linkerd/data-plane-proxies-ready', () => {
  it('finds a proxy that is not ready, native or not', async () => {
    for (const isNative of [true, false]) {
      expect(await resultOf('data-plane-proxies-ready', { with: pod('emojivoto', 'web-1', { isNative, isReady: false }) })).toMatchObject({
        is: 'failed',
        affected: [{ resource: { name: 'web-1' }, detail: 'Container "linkerd-proxy" is not ready.' }],
        hint: 'Run "kubectl -n emojivoto logs web-1 -c linkerd-proxy".',
      });
    }
  });

  it('passes over pods that have ended, and ones that just start', async () => {
    const ended = pod('emojivoto', 'job-1', { isReady: false, phase: 'Succeeded' });
    const young = pod('emojivoto', 'web-1', { isReady: false }).replace('2025-12-30T12:00:00Z', '2026-01-01T11:59:30Z');
    expect((await resultOf('data-plane-proxies-ready', { with: `${ended}---${young}` })).is).toBe('ok');
  });
});

describe('linkerd/data-plane-pods-injected', () => {
  const judge = async (options: Parameters<typeof pod>[2], more = ''): Promise<readonly unknown[]> => {
    const bare = pod('emojivoto', 'bare-1', { version: undefined, labels: 'app: bare', ...options });
    const { is, affected, reason } = await resultOf('data-plane-pods-injected', { with: `${bare}---${more}` });
    return [is, affected?.[0]?.detail ?? reason];
  };

  it('finds a pod that is to be injected and is not', async () => {
    expect(await judge({})).toEqual(['warning', 'It was created before it was to be injected, or while the injector was away.']);
  });

  it('takes the annotation of the pod for more than that of its namespace, and says who is left out and why', async () => {
    expect(await judge({ annotations: 'linkerd.io/inject: disabled' })).toEqual([
      'ok',
      '1 pod is left out: 1 because it says "linkerd.io/inject: disabled" ("emojivoto/bare-1").',
    ]);
    expect(await judge({ spec: 'hostNetwork: true' })).toEqual([
      'ok',
      '1 pod is left out: 1 because it is on the host\'s network ("emojivoto/bare-1").',
    ]);
    expect((await judge({}, namespace('emojivoto', 'linkerd.io/inject: disabled')))[0]).toBe('ok');
    expect((await judge({}, namespace('emojivoto', '')))[1]).toBe('They have.');
    expect(
      (
        await judge(
          {},
          namespace('emojivoto', '') +
            '---' +
            pod('emojivoto', 'bare-1', { version: undefined, annotations: 'linkerd.io/inject: enabled' }),
        )
      )[0],
    ).toBe('warning');
  });

  it('asks the selectors of the webhook', async () => {
    const excluded = namespace('emojivoto', 'linkerd.io/inject: enabled', 'config.linkerd.io/admission-webhooks: disabled');
    expect((await judge({}, excluded))[1]).toContain("because the injector's webhook leaves it out by labels");
  });

  it('warns of what cannot be injected', async () => {
    expect((await judge({ annotations: 'linkerd.io/inject: "true"' }))[1]).toContain('is none of "enabled", "ingress" and "disabled"');
    expect((await judge({ spec: 'automountServiceAccountToken: false' }))[0]).toBe('warning');
    const projected = linkerdConfig('identity: { serviceAccountTokenProjection: false }');
    expect((await judge({ spec: 'automountServiceAccountToken: false' }, projected))[1]).toContain('automountServiceAccountToken is false');
  });

  it('judges nothing of completed pods', async () => {
    expect(await judge({ phase: 'Succeeded' })).toEqual(['ok', 'They have.']);
  });
});

describe('versions', () => {
  const judge = async (version: string, options: Parameters<typeof pod>[2] = {}): Promise<unknown> => {
    const { is, affected } = await resultOf('data-plane-proxies-current', { with: pod('emojivoto', 'web-1', { version, ...options }) });
    return affected?.[0]?.detail ?? is;
  };

  it('pass within one month, and are told when older, newer or of another channel', async () => {
    expect(await judge('edge-25.10.3')).toBe('ok');
    expect(await judge('edge-25.9.4')).toBe('Its proxy, edge-25.9.4, is older: new pods get edge-25.10.1.');
    expect(await judge('edge-25.11.1')).toBe('Its proxy, edge-25.11.1, is newer: new pods get edge-25.10.1.');
    expect(await judge('stable-2.14.10')).toBe('Its proxy, stable-2.14.10, is of another channel: new pods get edge-25.10.1.');
  });

  it('follow what the installation or the pod asks for', async () => {
    const own = 'config.linkerd.io/proxy-version: edge-25.2.1';
    expect(await judge('edge-25.2.1', { annotations: own })).toBe('ok');
    const pinned = linkerdConfig('proxy: { image: { version: edge-25.2.1 } }');
    const all = ['web-1', 'voting-1'].map((name) => pod('emojivoto', name, { version: 'edge-25.2.1' })).join('---');
    expect((await resultOf('data-plane-proxies-current', { with: `${pinned}---${all}` })).is).toBe('ok');
  });

  it('of images that tell none are counted, not judged', async () => {
    const { is, reason } = await resultOf('data-plane-proxies-current', { with: pod('emojivoto', 'web-1', { version: 'git-1a2b3c' }) });
    expect([is, reason]).toEqual(['ok', '1 pod. The images of 1 do not tell a version that compares.']);
  });

  it('of the control plane and its proxies agree', async () => {
    const old = pod('linkerd', 'linkerd-identity-1', { version: 'edge-25.1.1', labels: 'linkerd.io/control-plane-component: identity' });
    expect((await resultOf('control-plane-proxies-current', { with: old })).affected).toHaveLength(1);
    const mixed = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: linkerd-identity, namespace: linkerd, labels: { linkerd.io/control-plane-component: identity, app.kubernetes.io/version: edge-25.9.1 } }
`;
    expect((await resultOf('control-plane-versions-agree', { with: mixed })).is).toBe('warning');
    expect((await resultOf('control-plane-versions-agree')).reason).toBe('"edge-25.10.1".');
  });
});

describe('clusterNetworks', () => {
  const judge = async (id: string, objects: string): Promise<readonly unknown[]> => {
    const { is, affected } = await resultOf(id, { with: objects });
    return [is, affected?.map(({ resource, detail }) => `${resource.name}: ${detail}`)];
  };

  it('hold every pod, but those on the host network, without address, or done', async () => {
    const outside = pod('emojivoto', 'web-1', { ip: '203.0.113.7' });
    expect(await judge('cluster-networks-hold-pods', outside)).toEqual(['failed', ['web-1: 203.0.113.7 is outside of clusterNetworks.']]);
    const unmeshed = pod('other', 'job-1', { ip: '203.0.113.7', version: undefined });
    expect((await judge('cluster-networks-hold-pods', unmeshed))[0]).toBe('warning');
    for (const options of [{ spec: 'hostNetwork: true' }, { phase: 'Succeeded' }, { ip: '""' }]) {
      expect(await judge('cluster-networks-hold-pods', pod('emojivoto', 'web-1', { ip: '203.0.113.7', ...options }))).toEqual([
        'ok',
        undefined,
      ]);
    }
  });

  it('hold services with an address, of either family', async () => {
    const six = (address: string): string => service('{ port: 80 }', '', `clusterIP: "${address}"`);
    expect((await judge('cluster-networks-hold-services', six('fd00:10:96::5')))[0]).toBe('ok');
    expect((await judge('cluster-networks-hold-services', six('2001:db8::5')))[0]).toBe('failed');
    expect((await judge('cluster-networks-hold-services', six('None')))[0]).toBe('ok');
  });

  it('hold the pod networks of nodes, where nodes tell them', async () => {
    const node = (cidr: string): string => `apiVersion: v1\nkind: Node\nmetadata: { name: node-1 }\nspec: { ${cidr} }\n`;
    expect((await judge('cluster-networks-hold-nodes', node('podCIDR: 8.0.0.0/7')))[0]).toBe('warning');
    expect((await resultOf('cluster-networks-hold-nodes', { with: node('') })).reason).toBe('None of them tells its addresses.');
    const invalid = linkerdConfig('clusterNetworks: "10.0.0.0/8,nonsense"');
    expect((await resultOf('cluster-networks-hold-nodes', { with: invalid })).reason).toContain('"nonsense", which is no network');
  });
});

describe('linkerd/opaque-ports-agree', () => {
  const db = (annotations: string, port = 'name: db, containerPort: 9200'): string =>
    pod('emojivoto', 'db-1', { annotations, port: `{ ${port} }` });
  const opaque = (ports: string): string => `config.linkerd.io/opaque-ports: "${ports}"`;
  const details = async (objects: string): Promise<unknown> =>
    (await resultOf('opaque-ports-agree', { with: objects })).affected?.map(({ detail }) => detail);

  it('reads numbers, ranges, names and spaces', async () => {
    for (const ports of ['9200', '9100-9300', 'db', '80, 9200']) {
      expect(await details(`${service('{ name: db, port: 9200 }', opaque(ports))}---${db(opaque(ports))}`)).toBeUndefined();
    }
  });

  it('finds a port that only one side calls opaque', async () => {
    expect(await details(`${service('{ port: 9200 }', opaque('9200'))}---${db('')}`)).toEqual([
      'Its port 9200 is opaque, but port 9200 of pod "db-1" behind it is not.',
    ]);
    expect(await details(`${service('{ port: 80, targetPort: db }')}---${db(opaque('9200'))}`)).toEqual([
      'Its port 80 is not opaque, but port 9200 of pod "db-1" behind it is.',
    ]);
  });

  it('passes over a service port behind which nothing is served', async () => {
    const elsewhere = db(opaque('9300'), 'containerPort: 9300');
    expect(await details(`${service('{ port: 9200 }', opaque('9200'))}---${elsewhere}`)).toBeUndefined();
  });

  it('knows the defaults, and those of the installation', async () => {
    const mysql = `${service('{ port: 3306 }')}---${db('', 'containerPort: 3306')}`;
    expect(await details(mysql)).toBeUndefined();
    expect(await details(`${service('{ port: 3306 }', opaque('9'))}---${db('', 'containerPort: 3306')}`)).toHaveLength(1);
    expect(await details(`${mysql}---${linkerdConfig('proxy: { opaquePorts: "1" }')}`)).toBeUndefined();
  });

  it('lets a Server speak for the pod, and appProtocol for the service', async () => {
    const server = `
apiVersion: policy.linkerd.io/v1beta3
kind: Server
metadata: { name: db, namespace: emojivoto }
spec: { podSelector: { matchLabels: { app: db } }, port: db, proxyProtocol: opaque }
`;
    expect(await details(`${service('{ port: 9200 }', opaque('9200'))}---${db('')}---${server}`)).toBeUndefined();
    expect(await details(`${service('{ port: 80, targetPort: 9200, appProtocol: http }')}---${db(opaque('9200'))}`)).toBeUndefined();
  });

  it('leaves out headless services, unmeshed pods and other protocols', async () => {
    const headless = service('{ port: 9200 }', opaque('9200'), 'clusterIP: None');
    expect(await details(`${headless}---${db('')}`)).toBeUndefined();
    expect(await details(`${service('{ port: 9200, protocol: UDP }', opaque('9200'))}---${db('')}`)).toBeUndefined();
    const unmeshed = pod('emojivoto', 'db-1', { version: undefined });
    expect(await details(`${service('{ port: 9200 }', opaque('9200'))}---${unmeshed}`)).toBeUndefined();
  });
});

describe('settings in the wrong place', () => {
  it('are labels of pods and services, and annotations of exports', async () => {
    const labelled = pod('emojivoto', 'web-1', { labels: 'linkerd.io/inject: enabled, config.alpha.linkerd.io/x: "1", app: web' });
    expect((await resultOf('pod-settings-are-annotations', { with: labelled })).affected?.[0]?.detail).toBe(
      '"config.alpha.linkerd.io/x" and "linkerd.io/inject" are among its labels.',
    );
    const exported = service('{ port: 80 }', 'mirror.linkerd.io/exported: "true"');
    expect(await resultOf('service-exports-are-labels', { with: exported })).toMatchObject({
      is: 'warning',
      hint: 'Move "mirror.linkerd.io/exported" from the annotations to the labels of the service.',
    });
    const config = service('{ port: 80 }').replace('annotations: {  }', 'labels: { config.linkerd.io/opaque-ports: "80" }');
    expect((await resultOf('service-settings-are-annotations', { with: config })).is).toBe('warning');
    expect((await resultOf('service-settings-are-annotations', { with: exported })).is).toBe('ok');
  });
});

describe('linkerd/inbound-policies-known', () => {
  it('finds a misspelt policy of the installation, a namespace or a pod', async () => {
    const judge = async (objects: string): Promise<unknown> => (await resultOf('inbound-policies-known', { with: objects })).hint;
    expect(await judge(namespace('emojivoto', 'config.linkerd.io/default-inbound-policy: all-authenticate'))).toContain(
      'perhaps "all-authenticated"',
    );
    expect(await judge(pod('emojivoto', 'web-1', { annotations: 'config.linkerd.io/default-inbound-policy: none' }))).toBeDefined();
    expect(await judge(linkerdConfig('proxy: { defaultInboundPolicy: allow }'))).toBeDefined();
    expect(await judge(linkerdConfig('proxy: { defaultInboundPolicy: deny }'))).toBeUndefined();
  });
});

describe('proxies that are asked', () => {
  const answering = (body: string) => ({ ask: async (): Promise<PodAnswer | undefined> => ({ status: 200, body }) });
  const seconds = (hours: number): number => NOW / 1000 + hours * 3600;
  const certificate = (issued: number, expires: number): string =>
    `control_identity_cert_refresh_timestamp_seconds ${seconds(issued)}\ncontrol_identity_cert_expiration_timestamp_seconds ${seconds(expires)}\n`;

  it('renew their certificates', async () => {
    const judge = async (body: string): Promise<readonly unknown[]> => {
      const { is, affected } = await resultOf('proxy-certificates-valid', answering(body));
      return [is, affected?.[0]?.detail];
    };
    expect((await judge(certificate(-16, 8)))[0]).toBe('ok');
    expect(await judge(`${certificate(-22, 2)}control_identity_cert_refreshes_total{result="error"} 3\n`)).toEqual([
      'warning',
      'Its certificate expires on 2026-01-01. 3 renewals failed.',
    ]);
    expect((await judge(certificate(-25, -1)))[0]).toBe('failed');
    expect((await judge('up 1\n'))[0]).toBe('ok');
  });

  it('reach the control plane', async () => {
    const gates = (open: number, shut: number): string =>
      `control_destination_balancer_queue_gate_open_time_seconds{addr="linkerd-dst:8086"} ${open}\ncontrol_destination_balancer_queue_gate_shut_time_seconds{addr="linkerd-dst:8086"} ${shut}\n`;
    expect((await resultOf('proxy-control-plane-connected', answering(gates(20, 10)))).is).toBe('ok');
    expect(await resultOf('proxy-control-plane-connected', answering(gates(20, 30)))).toMatchObject({
      is: 'failed',
      affected: [{ detail: 'It does not reach "destination".' }, {}],
    });
  });

  it('see the protocols of their clients', async () => {
    const detections = (timeouts: number, seen: number): string =>
      `inbound_tcp_detect_http_results_total{result="read_timeout",srv_port="3307"} ${timeouts}\ninbound_tcp_detect_http_results_total{result="http1",srv_port="3307"} ${seen}\n`;
    expect((await resultOf('proxy-protocols-detected', answering(detections(4, 0)))).is).toBe('ok');
    expect((await resultOf('proxy-protocols-detected', answering(detections(10, 1000)))).is).toBe('ok');
    expect((await resultOf('proxy-protocols-detected', answering(detections(10, 2)))).affected?.[0]?.detail).toBe(
      'Of the connections to it, 10 of 12 on port 3307 timed out in protocol detection.',
    );
  });

  it('are asked as a sample, on the port that they say, and told when they do not answer', async () => {
    const asked: unknown[] = [];
    const ask = async ({ name }: { name: string }, port: number): Promise<PodAnswer | undefined> => {
      asked.push([name, port]);
      return name === 'web-1' ? { status: 200, body: certificate(-1, 23) } : undefined;
    };
    const { reason } = await resultOf('proxy-certificates-valid', { ask });
    expect([asked, reason]).toEqual([
      [
        ['web-1', 4191],
        ['voting-1', 4191],
      ],
      '1 of 2 were asked. 1 more did not answer.',
    ]);
  });
});

describe('somebody who may read one namespace only', () => {
  const forbidden = async (): Promise<never> => {
    throw new MeshctlError('E_CLUSTER_FORBIDDEN', 'You may not.', {});
  };

  it('gets the checks of its proxies, and learns which others could not judge', async () => {
    const listed = pod('emojivoto', 'web-1', { isReady: false });
    const scoped = async (): Promise<never[]> => [];
    const found = await problems({ with: listed, mode: 'running', namespace: 'emojivoto', list: forbidden, scoped, get: forbidden });
    expect(found['data-plane-proxies-ready']).toBeUndefined();
    expect(found['control-plane-exists']).toMatchObject({ is: 'skipped', reason: 'You may not.' });
  });
});

it('a webhook of Linkerd that does not concern new pods injects none', async () => {
  const dated = webhook('proxy-injector').replace('operations: [CREATE]', 'operations: [UPDATE]');
  expect((await resultOf('injector-webhook-exists', { with: dated })).is).toBe('failed');
});
