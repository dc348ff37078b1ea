/** Certificates, webhooks and extensions of Linkerd as production wants them. */
import { at, has, itemsAt, stringAt } from '../../../../model/body.ts';
import type { Affected, Check, Facts } from '../../../../model/check.ts';
import { labelSelectorMatches } from '../../../../model/labels.ts';
import type { Kind, Resource } from '../../../../model/resource.ts';
import { readCertificates } from '../../../../text/pem.ts';
import { quotedList } from '../../../../text/words.ts';
import { longestLifetime } from '../../../checks/certificates.ts';
import { DEPLOYMENT, NAMESPACE, postureCheck } from '../../../checks/posture/traits.ts';
import { trustRootsRef } from '../../identity.ts';
import { installations } from './control-planes.ts';

const SECRET: Kind = 'core/Secret';
const MUTATING_WEBHOOK: Kind = 'admissionregistration.k8s.io/MutatingWebhookConfiguration';
const INGRESS: Kind = 'networking.k8s.io/Ingress';
const ISSUER = 'linkerd-identity-issuer';

export const issuerRotated: Check = postureCheck({
  id: 'linkerd/posture-issuer-rotated',
  title: 'The issuer certificate is renewed by a program.',
  why: 'When the issuer ends, proxies get no certificates any more and the mesh stops within a day. Linkerd does not renew it by itself.',
  docs: 'https://linkerd.io/2/tasks/automatically-rotating-control-plane-tls-credentials/',
  reads: [DEPLOYMENT],
  run: async (facts) => {
    const found = await installations(facts);
    const affected: Affected[] = [];
    const seen: string[] = [];
    for (const { namespace, values } of found) {
      const secret = (await facts.list(SECRET, { namespace, metadataOnly: true })).find(({ name }) => name === ISSUER);
      const root = await rootWords(facts, namespace);
      const isExternal = stringAt(values, 'identity', 'issuer', 'scheme') === 'kubernetes.io/tls';
      const isManaged = secret?.annotations['cert-manager.io/certificate-name'] !== undefined;
      if (isManaged) seen.push(`cert-manager renews it${root}.`);
      else if (isExternal || !secret) seen.push(`It comes from outside of Linkerd${root}.`);
      else affected.push({ resource: secret, detail: `Nobody is known to renew it${root}.` });
    }
    if (found.length === 0) return { is: 'skipped', reason: 'No configuration of Linkerd was found in this cluster.' };
    if (affected.length === 0) return { is: 'ok', reason: seen.join(' ') };
    return {
      is: 'warning',
      reason: 'The issuer certificate has to be renewed by hand.',
      hint: 'Let cert-manager issue it from the trust anchor, and install Linkerd with "identity.issuer.scheme=kubernetes.io/tls".',
      affected,
    };
  },
});

async function rootWords(facts: Facts, namespace: string): Promise<string> {
  const configMap = await facts.get(trustRootsRef({ namespace }));
  const lifetime = longestLifetime(readCertificates(stringAt(configMap?.body, 'data', 'ca-bundle.crt') ?? ''), facts.now);
  return lifetime ? `; the trust anchor ${lifetime.words}` : '';
}

interface Injector {
  readonly resource: Resource;
  readonly isStrict: boolean;
  readonly selector: unknown;
}

async function injectors(facts: Facts): Promise<readonly Injector[]> {
  return (await facts.list(MUTATING_WEBHOOK)).flatMap((resource) =>
    itemsAt(resource.body, 'webhooks')
      .filter(({ item }) => stringAt(item, 'name') === 'linkerd-proxy-injector.linkerd.io')
      .map(({ item }) => ({ resource, isStrict: stringAt(item, 'failurePolicy') !== 'Ignore', selector: item['namespaceSelector'] })),
  );
}

export const injectionEnforced: Check = postureCheck({
  id: 'linkerd/posture-injection-enforced',
  title: 'No pod starts without its proxy because the injector is away.',
  why: 'With failurePolicy "Ignore", pods that are created meanwhile bypass the mesh until somebody restarts them.',
  docs: 'https://linkerd.io/2/features/ha/#proxy-injector-failure-policy',
  reads: [MUTATING_WEBHOOK],
  run: async (facts) => {
    const lax = (await injectors(facts)).filter(({ isStrict }) => !isStrict);
    if (lax.length === 0) return { is: 'ok' };
    return {
      is: 'warning',
      reason: 'The failurePolicy of the injector is "Ignore".',
      hint: 'Run the control plane with the values of "values-ha.yaml", which set "webhookFailurePolicy=Fail" and three replicas.',
      affected: lax.map(({ resource }) => ({ resource })),
    };
  },
});

const HOME = 'kube-system';

export const systemPodsUnaffected: Check = postureCheck({
  id: 'linkerd/posture-system-namespace-excluded',
  title: 'Pods of the cluster itself start without asking the injector.',
  why: 'While the injector is away, pods of kube-system, network and DNS among them, are refused, and without them the injector may not come back.',
  docs: 'https://linkerd.io/2/features/ha/#proxy-injector-failure-policy',
  reads: [MUTATING_WEBHOOK, NAMESPACE],
  run: async (facts) => {
    const system = (await facts.list(NAMESPACE)).find(({ name }) => name === HOME);
    const labels = { 'kubernetes.io/metadata.name': HOME, ...system?.labels };
    const asked = (await injectors(facts)).filter(({ isStrict, selector }) => isStrict && labelSelectorMatches(selector, labels));
    if (asked.length === 0 || !system) return { is: 'ok' };
    return {
      is: 'warning',
      reason: `The injector is asked about pods of ${HOME}, and its failurePolicy is "Fail".`,
      hint: `Run "kubectl label namespace ${HOME} config.linkerd.io/admission-webhooks=disabled".`,
      affected: [{ resource: system }, ...asked.map(({ resource }) => ({ resource }))],
    };
  },
});

const EXTENSION = 'linkerd.io/extension';

async function vizNamespaces(facts: Facts): Promise<ReadonlySet<string>> {
  return new Set((await facts.list(NAMESPACE)).filter(({ labels }) => labels[EXTENSION] === 'viz').map(({ name }) => name));
}

/** Annotations of ingress controllers by which they ask who is there. */
const ASKS_WHO = /auth|oauth|whitelist|allowlist|middlewares/i;

export const dashboardGuarded: Check = postureCheck({
  id: 'linkerd/posture-dashboard-guarded',
  title: 'The dashboard of viz asks who is there where it can be reached from outside.',
  why: 'The dashboard has no login of its own: whoever reaches it sees all workloads, and taps their requests.',
  docs: 'https://linkerd.io/2/tasks/exposing-dashboard/',
  reads: [NAMESPACE, INGRESS],
  run: async (facts) => {
    const homes = await vizNamespaces(facts);
    const open = (await facts.list(INGRESS)).filter(
      (ingress) =>
        homes.has(ingress.namespace) && leadsTo(ingress, 'web') && !Object.keys(ingress.annotations).some((key) => ASKS_WHO.test(key)),
    );
    const [first] = open;
    if (!first)
      return {
        is: 'ok',
        reason: homes.size === 0 ? 'The extension viz is not installed.' : 'No Ingress leads to it without authentication.',
      };
    return {
      is: 'warning',
      reason: 'An Ingress leads to the dashboard, and shows no sign of authentication.',
      hint: `Add authentication to Ingress "${first.namespace}/${first.name}", or delete it and use "linkerd viz dashboard".`,
      affected: open.map((resource) => ({ resource })),
    };
  },
});

const leadsTo = ({ body }: Resource, service: string): boolean =>
  itemsAt(body, 'spec', 'rules').some(({ item }) =>
    itemsAt(item, 'http', 'paths').some((path) => stringAt(path.item, 'backend', 'service', 'name') === service),
  ) || stringAt(body, 'spec', 'defaultBackend', 'service', 'name') === service;

export const metricsKept: Check = postureCheck({
  id: 'linkerd/posture-metrics-kept',
  title: 'Metrics of viz outlive a restart of its Prometheus.',
  why: 'The Prometheus that viz brings keeps hours of metrics, in memory of its pod.',
  docs: 'https://linkerd.io/2/tasks/external-prometheus/',
  reads: [NAMESPACE, DEPLOYMENT],
  run: async (facts) => {
    const homes = await vizNamespaces(facts);
    const bundled = (await facts.list(DEPLOYMENT)).filter(({ namespace, name }) => homes.has(namespace) && name === 'prometheus');
    const forgetful = bundled.filter(
      ({ body }) => !itemsAt(body, 'spec', 'template', 'spec', 'volumes').some(({ item }) => has(item, 'persistentVolumeClaim')),
    );
    if (homes.size === 0) return { is: 'ok', reason: 'The extension viz is not installed.' };
    if (forgetful.length === 0) return { is: 'ok', reason: bundled.length === 0 ? 'viz uses another Prometheus.' : 'It has a volume.' };
    return {
      is: 'warning',
      reason: `viz keeps its metrics in ${quotedList(forgetful.map(({ namespace, name }) => `${namespace}/${name}`))}, without a volume.`,
      hint: 'Install viz with "prometheus.enabled=false" and "prometheusUrl" of your own Prometheus, or with "prometheus.persistence".',
      affected: forgetful.map((resource) => ({ resource })),
    };
  },
});

/** Chart values of installations whose init containers run as root although the CNI plugin is not used. */
export const initUnprivileged: Check = postureCheck({
  id: 'linkerd/posture-init-unprivileged',
  title: 'Init containers of Linkerd do not run as root.',
  why: 'Only Docker as a container runtime makes that necessary; elsewhere it is a right too many in every pod of the mesh.',
  docs: 'https://linkerd.io/2/checks/#l5d-proxy-init-run-as-root',
  reads: [DEPLOYMENT],
  run: async (facts) => {
    const affected = (await installations(facts)).flatMap(({ resource, values }): readonly Affected[] => {
      const isRoot = at(values, ['proxyInit', 'runAsRoot']) === true && at(values, ['cniEnabled']) !== true;
      return isRoot ? [{ resource, detail: 'proxyInit.runAsRoot is true.' }] : [];
    });
    if (affected.length === 0) return { is: 'ok' };
    return {
      is: 'warning',
      reason: 'Init containers run as root.',
      hint: 'Set "proxyInit.runAsRoot=false", or install the CNI plugin, unless nodes run Docker or legacy iptables that need it.',
      affected,
    };
  },
});
