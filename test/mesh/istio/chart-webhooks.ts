/** The webhook configurations that Istio's charts install, as YAML text. */

interface Expression {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

const isIn = (key: string, ...values: string[]): Expression => ({ key, operator: 'In', values });
const isNotIn = (key: string, ...values: string[]): Expression => ({ key, operator: 'NotIn', values });
const isAbsent = (key: string): Expression => ({ key, operator: 'DoesNotExist' });

const REVISION = 'istio.io/rev';
const INJECTION = 'istio-injection';
const INJECT = 'sidecar.istio.io/inject';

type Selectors = readonly [name: string, namespaceSelector: readonly Expression[], objectSelector: readonly Expression[]];

/** Webhooks for the value of `istio.io/rev`. */
const revisioned = (value: string): readonly Selectors[] => [
  ['rev.namespace', [isIn(REVISION, value), isAbsent(INJECTION)], [isNotIn(INJECT, 'false')]],
  ['rev.object', [isAbsent(REVISION), isAbsent(INJECTION)], [isNotIn(INJECT, 'false'), isIn(REVISION, value)]],
];

const forDefault: readonly Selectors[] = [
  ['namespace', [isIn(INJECTION, 'enabled')], [isNotIn(INJECT, 'false')]],
  ['object', [isAbsent(INJECTION), isAbsent(REVISION)], [isIn(INJECT, 'true'), isAbsent(REVISION)]],
];

const automatic: Selectors = [
  'auto',
  [isAbsent(INJECTION), isAbsent(REVISION), isNotIn('kubernetes.io/metadata.name', 'kube-system', 'kube-public')],
  [isAbsent(INJECT), isAbsent(REVISION)],
];

function configuration(name: string, revision: string, selectors: readonly Selectors[], tag?: string): string {
  const service = `istiod${revision === 'default' ? '' : `-${revision}`}`;
  return JSON.stringify({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name, labels: { [REVISION]: revision, ...(tag && { 'istio.io/tag': tag }) } },
    webhooks: selectors.map(([prefix, namespace, object]) => ({
      name: `${prefix}.sidecar-injector.istio.io`,
      clientConfig: { service: { name: service, namespace: 'istio-system', path: '/inject' } },
      rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
      namespaceSelector: { matchExpressions: namespace },
      objectSelector: { matchExpressions: object },
    })),
  });
}

/** The webhooks of a control plane. */
export function webhooksOf(revision = 'default', options: { readonly byDefault?: boolean } = {}): string {
  if (revision !== 'default') return configuration(`istio-sidecar-injector-${revision}`, revision, revisioned(revision));
  const all = [...revisioned('default'), ...forDefault, ...(options.byDefault ? [automatic] : [])];
  return configuration('istio-sidecar-injector', 'default', all);
}

/** The webhooks of a revision tag. */
export function webhooksOfTag(tag: string, revision: string): string {
  const all = [...revisioned(tag), ...(tag === 'default' ? forDefault : [])];
  return configuration(`istio-revision-tag-${tag}`, revision, all, tag);
}
