/** Settings of istiod and of proxies that production wants otherwise. */
import { has, itemsAt, stringAt, stringsAt } from '../../../../model/body.ts';
import type { Affected, Check } from '../../../../model/check.ts';
import { concerns } from '../../../../model/check-scope.ts';
import type { Resource } from '../../../../model/resource.ts';
import { count } from '../../../../text/words.ts';
import { fromFindings } from '../../../checks/findings.ts';
import type { ProxiedWorkload } from '../../../checks/posture/proxied-workloads.ts';
import { DEPLOYMENT, NAMESPACE, POD, postureCheck } from '../../../checks/posture/traits.ts';
import { MUTATING_WEBHOOK, SIDECAR } from '../../kinds.ts';
import { DEFAULT_REVISION, REVISION_LABEL } from '../../webhooks.ts';
import { selectorOf } from '../../workload-policies.ts';
import { controlPlanes, injectors } from '../control-plane.ts';
import { planeConfigs, rootNamespace } from './configuration.ts';
import { proxies } from './workloads.ts';

export const egressRestricted: Check = postureCheck({
  id: 'istio/posture-egress-restricted',
  title: 'Proxies send requests to known hosts only.',
  why: 'With ALLOW_ANY a workload that was broken into reaches every address outside, and nobody sees where requests go.',
  docs: 'https://istio.io/latest/docs/tasks/traffic-management/egress/egress-control/',
  reads: [DEPLOYMENT, SIDECAR],
  run: async (facts) => {
    const configs = await planeConfigs(facts);
    if (configs.length === 0) return { is: 'skipped', reason: 'The mesh configuration is not in this cluster.' };
    const root = await rootNamespace(facts);
    const whole = (await facts.list(SIDECAR)).find(
      (sidecar) =>
        sidecar.namespace === root && Object.keys(selectorOf(sidecar)).length === 0 && has(sidecar.body, 'spec', 'outboundTrafficPolicy'),
    );
    if (whole && stringAt(whole.body, 'spec', 'outboundTrafficPolicy', 'mode') === 'REGISTRY_ONLY') {
      return { is: 'ok', reason: `Sidecar "${root}/${whole.name}" sets REGISTRY_ONLY.` };
    }
    const open = configs.filter(({ config }) => stringAt(config.body, 'outboundTrafficPolicy', 'mode') !== 'REGISTRY_ONLY');
    if (open.length === 0) return { is: 'ok', reason: 'The mesh configuration sets REGISTRY_ONLY.' };
    return {
      is: 'warning',
      reason: 'The outboundTrafficPolicy is ALLOW_ANY, the default.',
      hint: 'Give every host outside that is needed a ServiceEntry, then set "meshConfig.outboundTrafficPolicy.mode=REGISTRY_ONLY". Against a workload that means to evade its proxy only a NetworkPolicy helps.',
      affected: open.map(({ configMap }) => ({ resource: configMap })),
    };
  },
});

export const proxiesStartFirst: Check = postureCheck({
  id: 'istio/posture-proxies-start-first',
  title: 'Applications start when their proxy is ready.',
  why: 'What an application sends before its proxy is ready fails, and after the proxy has ended as well.',
  docs: 'https://istio.io/latest/docs/ops/common-problems/injection/#pod-or-containers-start-with-network-issues-if-istio-proxy-is-not-ready',
  reads: [POD],
  run: async (facts) => {
    const workloads = (await proxies(facts)).filter(({ apps }) => apps.length > 0);
    const affected = workloads.flatMap((workload): readonly Affected[] =>
      waitsForProxy(workload) ? [] : [{ resource: workload.resource, detail: 'Its proxy starts beside the application.' }],
    );
    if (affected.length === 0) return { is: 'ok', reason: `${count(workloads.length, 'workload')}.` };
    return {
      is: 'warning',
      reason: `${count(affected.length, 'workload')} may send requests before the proxy is ready.`,
      hint: 'Set "values.pilot.env.ENABLE_NATIVE_SIDECARS=true", or "meshConfig.defaultConfig.holdApplicationUntilProxyStarts=true", and restart the workloads.',
      affected,
    };
  },
});

/** With holdApplicationUntilProxyStarts the proxy comes first and a hook keeps the kubelet from starting the next container. */
const waitsForProxy = ({ isNative, proxy }: ProxiedWorkload): boolean => isNative || has(proxy, 'lifecycle', 'postStart');

/** Names that their authors call unsafe, and those that turn authentication off. */
const UNSAFE: readonly (readonly [name: RegExp, value: RegExp])[] = [
  [/^UNSAFE_/, /^(1|t|true)$/i],
  [/^XDS_AUTH$/, /^(0|f|false)$/i],
  [/^XDS_AUTH_PLAINTEXT$/, /^(1|t|true)$/i],
  [/^ENABLE_DEBUG_ENDPOINT_AUTH$/, /^(0|f|false)$/i],
  [/^PILOT_SKIP_VALIDATE_TRUST_DOMAIN$/, /^(1|t|true)$/i],
];

export const unsafeSettingsOff: Check = postureCheck({
  id: 'istio/posture-unsafe-settings-off',
  title: 'No setting for tests lets strangers ask istiod.',
  why: 'Settings for tests let anybody in the network read the configuration of the mesh, or pose as another workload.',
  docs: 'https://istio.io/latest/docs/reference/commands/pilot-discovery/#envvars',
  reads: [DEPLOYMENT],
  run: async (facts) => {
    const affected = (await controlPlanes(facts)).flatMap(({ deployment }) =>
      variablesOf(deployment).flatMap(({ name, value }): readonly Affected[] =>
        UNSAFE.some(([known, bad]) => known.test(name) && bad.test(value))
          ? [{ resource: deployment, detail: `${name} is "${value}".` }]
          : [],
      ),
    );
    if (affected.length === 0) return { is: 'ok' };
    return {
      is: 'failed',
      reason: 'istiod runs with settings that are meant for tests.',
      hint: 'Remove them from "values.pilot.env", or from the environment of the Deployment.',
      affected,
    };
  },
});

function variablesOf({ body }: Resource): readonly { readonly name: string; readonly value: string }[] {
  return itemsAt(body, 'spec', 'template', 'spec', 'containers').flatMap(({ item }) =>
    itemsAt(item, 'env').map((entry) => ({ name: stringAt(entry.item, 'name') ?? '', value: stringAt(entry.item, 'value') ?? '' })),
  );
}

export const logLevelsQuiet: Check = postureCheck({
  id: 'istio/posture-log-levels-quiet',
  title: 'Neither istiod nor proxies log for debugging.',
  why: 'Such logs are long, slow the process down, and show headers of requests.',
  docs: 'https://istio.io/latest/docs/ops/diagnostic-tools/component-logging/',
  reads: [DEPLOYMENT, POD],
  run: async (facts) => {
    const planes = (await controlPlanes(facts)).flatMap(({ deployment }): readonly Affected[] => {
      const loud = argumentsOf(deployment).find((argument) => /^--log_output_level=.*\b(debug|trace)\b/.test(argument));
      return loud === undefined ? [] : [{ resource: deployment, detail: `It runs with "${loud}".` }];
    });
    const pods = (await proxies(facts)).flatMap(({ resource, pod }): readonly Affected[] => {
      const level = pod.annotations['sidecar.istio.io/logLevel'] ?? '';
      return level === 'debug' || level === 'trace'
        ? [{ resource, detail: `Its annotation sidecar.istio.io/logLevel is "${level}".` }]
        : [];
    });
    const affected = [...planes, ...pods];
    if (affected.length === 0) return { is: 'ok' };
    return {
      is: 'warning',
      reason: 'Logs are written for debugging.',
      hint: 'Set the level to "info" or "warning". For a while, "istioctl proxy-config log POD --level debug" changes a single proxy without a restart.',
      affected,
    };
  },
});

const argumentsOf = ({ body }: Resource): readonly string[] =>
  itemsAt(body, 'spec', 'template', 'spec', 'containers').flatMap(({ item }) => stringsAt(item, 'args').map(({ value }) => value));

export const upgradesStaged: Check = postureCheck({
  id: 'istio/posture-upgrades-staged',
  title: 'A new control plane can be tried before every workload uses it.',
  why: 'Without revisions an upgrade replaces the control plane of all workloads at once, and there is no way back but another upgrade.',
  docs: 'https://istio.io/latest/docs/setup/upgrade/canary/',
  reads: [DEPLOYMENT, NAMESPACE, MUTATING_WEBHOOK],
  run: async (facts) => {
    const planes = await controlPlanes(facts);
    const plain = planes.filter(({ revision }) => revision === DEFAULT_REVISION);
    const tags = new Set((await injectors(facts)).flatMap(({ revisionLabels }) => revisionLabels));
    if (planes.length === 0 || plain.length === 0) return { is: 'ok', reason: `${count(planes.length, 'control plane')} with a revision.` };
    const namespaces = (await facts.list(NAMESPACE)).filter((namespace) => concerns(facts, namespace));
    const pinned = namespaces.filter(({ labels }) => tags.has(labels[REVISION_LABEL] ?? ''));
    return {
      is: 'warning',
      reason: `istiod is installed without a revision${pinned.length === 0 ? '' : `, although ${count(pinned.length, 'namespace')} ${pinned.length === 1 ? 'names' : 'name'} one`}.`,
      hint: 'At the next upgrade install the new version beside the old one with "revision=NAME", give it a tag such as "stable", and label namespaces "istio.io/rev=stable".',
      affected: plain.map(({ deployment }) => ({ resource: deployment })),
    };
  },
});

export const keyFetchesRestricted: Check = postureCheck({
  id: 'istio/posture-key-fetches-restricted',
  title: 'Keys for tokens are fetched only from where they may be.',
  why: 'Whoever may create a RequestAuthentication can make istiod send requests to internal addresses.',
  docs: 'https://istio.io/latest/docs/reference/config/analysis/ist0175/',
  run: (facts) =>
    fromFindings(
      facts,
      'istio-security/jwks-fetches-restricted',
      'istiod fetches keys from any address that a RequestAuthentication names.',
    ),
});
