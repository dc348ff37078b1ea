import { describe, expect, it } from 'vitest';
import { objectAt } from '../../../../src/model/body.ts';
import { APP, configText, container, deployment, injected, injectorWith, requestFor } from './injectors.ts';

const OVERRIDES = 'proxy.istio.io/overrides';
const namesIn = (pod: unknown, list: string): unknown =>
  (objectAt(pod, 'spec')[list] as { name: string }[] | undefined)?.map(({ name }) => name);
const plain = (name: string): Record<string, unknown> => ({ name, image: 'x' });

describe('containers that the user and the template both have', () => {
  const own = { name: 'istio-proxy', image: 'auto', resources: { requests: { cpu: '50m' } }, env: [{ name: 'MINE', value: '<1>' }] };

  it('take what the user says over what the template says', async () => {
    const pod = injected((await injectorWith()).inject(requestFor(deployment({ containers: [own, APP] }))));
    expect(container(pod, 'istio-proxy')).toMatchObject({
      image: 'example.com/istio/proxyv2:1.30.0',
      resources: { requests: { cpu: '50m' } },
    });
    expect(objectAt(pod, 'metadata', 'annotations')[OVERRIDES]).toBe(
      '{"containers":[{"name":"istio-proxy","env":[{"name":"MINE","value":"\\u003c1\\u003e"}],"resources":{"requests":{"cpu":"50m"}}}]}',
    );
  });

  it('keep an image of their own', async () => {
    const pod = injected((await injectorWith()).inject(requestFor(deployment({ containers: [APP, { ...own, image: 'mine:1' }] }))));
    expect(container(pod, 'istio-proxy')).toMatchObject({ image: 'mine:1' });
  });

  it('stay as the user wants them when injected again, also as native sidecars', async () => {
    const once = (await injectorWith()).inject(requestFor(deployment({ containers: [APP, own] }))).object ?? {};
    const pod = injected((await injectorWith({ settings: { 'native-sidecars': 'true' } })).inject(requestFor(once)));
    expect([namesIn(pod, 'containers'), namesIn(pod, 'initContainers')]).toEqual([['app'], ['istio-proxy']]);
    expect(container(pod, 'istio-proxy')).toMatchObject({ resources: { requests: { cpu: '50m' } }, restartPolicy: 'Always' });
  });

  it('give their user to the container that checks the interception', async () => {
    const sidecar = 'spec: {initContainers: [{name: istio-validation, args: [-u, "1337"]}], containers: [{name: istio-proxy}]}';
    const injector = await injectorWith({ config: configText('policy: enabled', { sidecar }) });
    const pod = injected(
      injector.inject(requestFor(deployment({ containers: [APP, { ...own, securityContext: { runAsUser: 4000, runAsGroup: 5 } }] }))),
    );
    expect(container(pod, 'istio-validation')).toMatchObject({ args: ['-u', '4000'], securityContext: { runAsUser: 4000, runAsGroup: 5 } });
  });

  it('run as root where connections keep their source', async () => {
    const sidecar = 'spec: {initContainers: [{name: istio-init, args: [-u, "1337"]}], containers: [{name: istio-proxy}]}';
    const injector = await injectorWith({
      config: configText('policy: enabled', { sidecar }),
      mesh: 'defaultConfig: {interceptionMode: TPROXY}',
    });
    const pod = injected(injector.inject(requestFor(deployment({ containers: [APP, { ...own, securityContext: { runAsUser: 4000 } }] }))));
    expect(container(pod, 'istio-proxy')).toMatchObject({ securityContext: { runAsUser: 0 } });
    expect(container(pod, 'istio-init')).toMatchObject({ args: ['-u', '4000'] });
  });
});

describe('the order of containers', () => {
  const sidecar = `
spec:
  initContainers: [{name: istio-init}, {name: istio-validation}, {name: enable-core-dump}{{ if .NativeSidecars }}, {name: istio-proxy}{{ end }}]
  containers: [{{ if not .NativeSidecars }}{name: istio-proxy}{{ end }}]`;
  const orderWith = async (settings: Record<string, string>): Promise<unknown> => {
    const injector = await injectorWith({ config: configText('policy: enabled', { sidecar }), settings });
    const pod = injected(injector.inject(requestFor(deployment({ initContainers: [plain('first'), plain('second')] }))));
    return [namesIn(pod, 'containers'), namesIn(pod, 'initContainers')];
  };

  it('puts the proxy last, and what redirects traffic behind the init containers of the user', async () => {
    expect(await orderWith({})).toEqual([
      ['app', 'istio-proxy'],
      ['istio-validation', 'first', 'second', 'istio-init', 'enable-core-dump'],
    ]);
  });

  it('puts the proxy first when the application waits for it', async () => {
    expect(await orderWith({ 'global.proxy.holdApplicationUntilProxyStarts': 'true' })).toMatchObject([['istio-proxy', 'app'], {}]);
  });

  it('puts a native sidecar before the init containers of the user', async () => {
    expect(await orderWith({ 'native-sidecars': 'true' })).toEqual([
      ['app'],
      ['istio-init', 'istio-validation', 'istio-proxy', 'enable-core-dump', 'first', 'second'],
    ]);
  });
});
