/** Linkerd's webhooks as its pods serve them: injection, the tap annotation, and validation of its own kinds. */
import { listAt, objectAt, stringAt } from '../../model/body.ts';
import type { Inside, Programs } from '../options.ts';
import { type Judgement, webhookServer } from '../programs/webhook-server.ts';
import type { Labels } from '../scenarios/_objects.ts';
import type { KubeObject } from '../store/object.ts';
import { skipReason, withOpaquePorts, withProxy, withTap } from './injector.ts';
import type { Metrics } from './metrics.ts';
import { CONTROL_NAMESPACE } from './names.ts';
import { programOf } from './pods.ts';
import type { MeshTrust } from './trust.ts';

/** @param metrics of the proxy injector */
export const linkerdWebhooks =
  ({ serving }: MeshTrust, metrics: Metrics): ((inside: Inside) => Programs) =>
  ({ store }) => {
    const inherited = ({ metadata }: KubeObject): Labels =>
      store.get('core/Namespace', '', metadata.namespace ?? 'default')?.metadata.annotations ?? {};
    const trustAnchors = (): string =>
      stringAt(store.get('core/ConfigMap', CONTROL_NAMESPACE, 'linkerd-identity-trust-roots'), 'data', 'ca-bundle.crt') ?? '';
    const inject: Judgement = (object) => {
      const annotations = inherited(object);
      if (object.kind !== 'Pod') return withOpaquePorts(object, annotations);
      count(metrics, object, annotations);
      return withProxy(object, { trustAnchors: trustAnchors(), inherited: annotations });
    };
    const open: Readonly<Record<string, ReturnType<typeof webhookServer>>> = {
      'proxy-injector:8443': webhookServer(serving['linkerd-proxy-injector'], { '/': inject }),
      'tap-injector:8443': webhookServer(serving['tap-injector'], { '/': (pod) => withTap(pod, inherited(pod)) }),
      'destination:8443': webhookServer(serving['linkerd-sp-validator'], { '/': validProfile }),
      'destination:9443': webhookServer(serving['linkerd-policy-validator'], { '/': validPolicy }),
    };
    return { dial: (pod, port) => open[`${programOf(pod)}:${port}`]?.() };
  };

function count(metrics: Metrics, pod: KubeObject, inherited: Labels): void {
  const owner = pod.metadata.ownerReferences?.[0];
  const reason = skipReason(pod, inherited);
  const labels = { owner_kind: owner?.kind.toLowerCase() ?? '', namespace: pod.metadata.namespace ?? '' };
  metrics.add('proxy_inject_admission_requests_total', labels);
  metrics.add('proxy_inject_admission_responses_total', { ...labels, skip: String(reason !== undefined), skip_reason: reason ?? '' });
}

const METHODS = /^(?:GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH)$/;

function validProfile(profile: KubeObject): KubeObject | string {
  const refused = (why: string): string => `ServiceProfile "${profile.metadata.name}" ${why}`;
  if (!/^[\w-]+\.[\w-]+\.svc\.[\w.-]+$/.test(profile.metadata.name)) return refused('has invalid name (must be a FQDN)');
  for (const route of listAt(profile, 'spec', 'routes')) {
    const [name, method] = [stringAt(route, 'name'), stringAt(route, 'condition', 'method')];
    if (!name) return refused('has a route with no name');
    if (Object.keys(objectAt(route, 'condition')).length === 0) return refused('has a route with no condition');
    if (method !== undefined && !METHODS.test(method)) return refused(`has a route with an invalid method: ${method}`);
  }
  return profile;
}

const TARGETS = ['Server', 'Namespace', 'HTTPRoute', 'GRPCRoute'];

function validPolicy(policy: KubeObject): KubeObject | string {
  const spec = objectAt(policy, 'spec');
  if (policy.kind === 'Server' && spec['podSelector'] !== undefined && spec['externalWorkloadSelector'] !== undefined)
    return 'only one of podSelector and externalWorkloadSelector may be specified';
  if (policy.kind !== 'AuthorizationPolicy') return policy;
  const target = stringAt(spec, 'targetRef', 'kind') ?? '';
  if (!TARGETS.includes(target)) return `invalid targetRef kind: ${target}`;
  if (spec['requiredAuthenticationRefs'] === undefined) return 'requiredAuthenticationRefs is missing';
  const kinds = listAt(spec, 'requiredAuthenticationRefs').map((each) => stringAt(each, 'kind'));
  return kinds.some((kind, index) => kinds.indexOf(kind) < index) ? 'only a single authentication of each kind may be set' : policy;
}
