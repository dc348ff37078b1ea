import { describe, expect, it } from 'vitest';
import { checks } from '../../../src/mesh/istio/checks/index.ts';
import type { Facts } from '../../../src/model/check.ts';
import type { AccessQuestion, ServedKind } from '../../../src/model/cluster.ts';
import { details, is, namespace, plane, result } from './results.ts';

describe('the checks before an installation', () => {
  it('belong to --pre alone, and have the codes of istioctl', () => {
    const own = checks.filter(({ id }) => id.startsWith('istio/pre-'));
    expect(own.every(({ modes }) => modes?.join() === 'pre')).toBe(true);
    expect(checks.filter(({ modes }) => modes?.includes('pre')).map(({ id }) => id)).toEqual(own.map(({ id }) => id));
    expect(own.flatMap(({ aliases = [] }) => aliases).sort()).toEqual(['IST0141', 'IST0142', 'IST0156', 'IST0169', 'IST0172']);
  });
});

describe('istio/pre-permissions-granted', () => {
  const denying = (kind: string): Partial<Facts> => ({
    access: async (questions) => questions.map((question) => ({ allowed: question.kind !== kind })),
  });

  it('asks about everything that is created, and names what is denied', async () => {
    expect(await result('pre-permissions-granted', '', denying('core/Namespace'))).toMatchObject({
      is: 'failed',
      reason: 'You may not create "Namespace"; namespace "istio-system" was asked about.',
    });
    expect(await is('pre-permissions-granted', '', denying('none'))).toBe('ok');
  });

  it('asks about the namespace of the control plane that is there', async () => {
    let asked: readonly AccessQuestion[] = [];
    const access: Facts['access'] = async (questions) => {
      asked = questions;
      return questions.map(() => ({ allowed: true }));
    };
    await is('pre-permissions-granted', plane().replace('istio-system', 'mesh'), { access });
    expect(new Set(asked.map((question) => question.namespace))).toEqual(new Set([undefined, 'mesh']));
    expect(asked.every(({ verb }) => verb === 'create')).toBe(true);
  });
});

describe('istio/pre-kubernetes-supported', () => {
  it.each([
    ['v1.32.0', 'ok'],
    ['v1.45.0', 'ok'],
    ['v1.31.9-eks-1', 'warning'],
    ['v1.28.9', 'failed'],
    ['one', 'skipped'],
  ])('says of %s: %s', async (version, expected) => {
    expect(await is('pre-kubernetes-supported', '', { version: async () => version })).toBe(expected);
  });
});

describe('istio/pre-gateway-api-supported', () => {
  const definition = (plural: string, ...versions: readonly string[]): string => `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: ${plural}.gateway.networking.k8s.io, annotations: { gateway.networking.k8s.io/bundle-version: v0.8.0 } }
spec: { versions: [${versions.map((name) => `{ name: ${name}, served: true }`).join(', ')}, { name: v9, served: false }] }
---`;

  it.each([
    ['nothing', '', 'ok'],
    ['what is current', definition('gateways', 'v1', 'v1beta1') + definition('referencegrants', 'v1beta1'), 'ok'],
    ['what is stable only', definition('gateways', 'v1') + definition('referencegrants', 'v1'), 'ok'],
    ['what was stable once', definition('httproutes', 'v1beta1'), 'warning'],
    ['what is too old', definition('gateways', 'v1alpha2') + definition('httproutes', 'v1beta1'), 'failed'],
    ['what Istio does not need', definition('udproutes', 'v1alpha2'), 'ok'],
  ])('judges %s', async (_, objects, expected) => {
    expect(await is('pre-gateway-api-supported', objects)).toBe(expected);
  });

  it('names the definitions', async () => {
    expect(await details('pre-gateway-api-supported', definition('gateways', 'v1alpha2'))).toEqual([
      'gateways.gateway.networking.k8s.io: It serves "v1alpha2".',
    ]);
  });
});

const webhook = (name: string, more = '', target = 'service: { name: istiod, namespace: istio-system }'): string => `
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: { name: ${name} }
webhooks: [{ name: namespace.sidecar-injector.istio.io, clientConfig: { ${target} }, namespaceSelector: { matchLabels: { istio-injection: enabled } }, ${more} }]
---`;
const SERVICE = '\napiVersion: v1\nkind: Service\nmetadata: { name: istiod, namespace: istio-system }\n---';

describe('istio/pre-upgrade-path-short', () => {
  it('tells what is installed, and how many namespaces use it', async () => {
    expect(
      await result(
        'pre-upgrade-path-short',
        plane({ version: '1.29.0' }) + webhook('istio-sidecar-injector') + namespace('a', 'istio-injection: enabled') + namespace('b'),
      ),
    ).toEqual({
      is: 'ok',
      reason: '"istio-system/istiod" is 1.29.0, revision "default", and injects 1 namespace.',
    });
    expect(await result('pre-upgrade-path-short', '')).toEqual({ is: 'ok', reason: 'Istio is not installed.' });
  });

  it('warns of one that is too old, with the next step', async () => {
    const found = await result('pre-upgrade-path-short', plane({ version: '1.26.2' }));
    expect([found.is, found.hint]).toEqual(['warning', 'Upgrade Deployment "istio-system/istiod" to 1.28 first.']);
    expect(await is('pre-upgrade-path-short', plane({ version: '1.31.0' }))).toBe('ok');
  });
});

describe('istio/pre-no-leftover-webhooks', () => {
  it('finds webhooks whose control plane is gone', async () => {
    const found = await result('pre-no-leftover-webhooks', webhook('istio-sidecar-injector'));
    expect([found.is, found.hint]).toEqual(['failed', 'Run "kubectl delete mutatingwebhookconfiguration istio-sidecar-injector".']);
    expect(await is('pre-no-leftover-webhooks', webhook('istio-sidecar-injector', 'failurePolicy: Ignore'))).toBe('warning');
  });

  it('is silent about those in use, and about control planes elsewhere', async () => {
    expect(await is('pre-no-leftover-webhooks', webhook('istio-sidecar-injector') + SERVICE)).toBe('ok');
    expect(await is('pre-no-leftover-webhooks', webhook('istio-sidecar-injector', '', 'url: "https://istiod.example.com/inject"'))).toBe(
      'ok',
    );
    expect(
      await is('pre-no-leftover-webhooks', webhook('other').replace('namespace.sidecar-injector.istio.io', 'inject.example.com')),
    ).toBe('ok');
  });
});

describe('istio/pre-upgrade-keeps-tracing', () => {
  const zipkin = '\napiVersion: v1\nkind: Service\nmetadata: { name: zipkin, namespace: istio-system }\n---';
  it('warns of traces that end with the upgrade', async () => {
    expect(await is('pre-upgrade-keeps-tracing', plane({ version: '1.21.6' }) + zipkin)).toBe('warning');
    expect(await is('pre-upgrade-keeps-tracing', plane({ version: '1.22.0' }) + zipkin)).toBe('ok');
    expect(await is('pre-upgrade-keeps-tracing', plane({ version: '1.21.6' }))).toBe('ok');
    expect(await is('pre-upgrade-keeps-tracing', zipkin)).toBe('ok');
  });
});

describe('istio/pre-cni-fits', () => {
  const cilium = (exclusive: string): string => `
apiVersion: v1
kind: ConfigMap
metadata: { name: cilium-config, namespace: kube-system }
data: { cni-exclusive: "${exclusive}" }
---`;
  const agent =
    '\napiVersion: apps/v1\nkind: DaemonSet\nmetadata: { name: istio-cni-node, namespace: istio-system, labels: { k8s-app: istio-cni-node } }\n---';

  it('warns where the agent is installed beside a plugin that removes others', async () => {
    expect(await is('pre-cni-fits', cilium('true') + agent)).toBe('warning');
    expect(await is('pre-cni-fits', cilium('false') + agent)).toBe('ok');
    expect(await result('pre-cni-fits', cilium('true'))).toMatchObject({
      is: 'ok',
      reason: expect.stringContaining('cni.exclusive=false'),
    });
  });

  it('tells what the platform needs', async () => {
    const reason = async (changes: Partial<Facts>): Promise<string | undefined> => (await result('pre-cni-fits', '', changes)).reason;
    expect(await reason({ version: async () => 'v1.32.1-gke.100' })).toContain('global.platform=gke');
    expect(await reason({ version: async () => 'v1.32.1+k3s1' })).toContain('global.platform=k3s');
    const kinds: Facts['kinds'] = async () => new Map([['config.openshift.io/ClusterVersion', {} as ServedKind]]);
    expect(await reason({ kinds })).toContain('global.platform=openshift');
    expect(await reason({})).toBe('No plugin is known to claim the network for itself.');
  });
});
