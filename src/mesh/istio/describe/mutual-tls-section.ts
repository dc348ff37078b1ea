/** Mutual TLS in both directions: what the pods accept, what clients send them, and what they send. */

import { itemsAt } from '../../../model/body.ts';
import type { Fact, Section } from '../../../model/describe.ts';
import { friendlyName, type Resource } from '../../../model/resource.ts';
import type { ResourceSet } from '../../../model/resource-set.ts';
import { type Workload, workloads } from '../../../model/workloads.ts';
import { count } from '../../../text/words.ts';
import { dataplaneOf } from '../dataplane.ts';
import { clientTls, destinationRules, isAutoMtls } from '../destination-rules.ts';
import { DESTINATION_RULE } from '../kinds.ts';
import { meshConfig } from '../mesh-config.ts';
import { type MutualTls, peerAuthentications } from '../peer-authentication.ts';
import { type RegistryEntry, registry } from '../registry.ts';
import { sidecarScopes } from '../sidecar-scope.ts';
import { named, type Scene, shortHost } from './scene.ts';

export function mutualTlsSection(scene: Scene): Section {
  return { id: 'mutual-tls', title: 'Mutual TLS', facts: [...accepted(scene), ...sentByClients(scene), ...sentByItself(scene)] };
}

const MODES: Readonly<Record<MutualTls['mode'], string>> = {
  STRICT: 'mutual TLS only',
  PERMISSIVE: 'mutual TLS and plain text',
  DISABLE: 'plain text only',
};

function accepted({ workload, isGateway, resources }: Scene): readonly Fact[] {
  if (!workload || isGateway) return [];
  const dataplane = dataplaneOf(workload, resources);
  if (dataplane === 'none')
    return [{ subject: 'accepts', value: 'plain text only, as there is no proxy', from: [named(workload.resource)] }];
  const { mode, policy, ports, portPolicy } = resources.derive(peerAuthentications).modeFor(workload.namespace, workload.labels);
  // ztunnel always takes mutual TLS.
  const text = (each: MutualTls['mode']): string => MODES[dataplane === 'ambient' && each === 'DISABLE' ? 'PERMISSIVE' : each];
  return [
    {
      subject: 'accepts',
      value: `${text(mode)} (${mode})`,
      from: policy ? [named(policy)] : [],
      details: policy ? [] : ['no PeerAuthentication applies: this is the default'],
    },
    ...[...ports].map(([port, own]) => ({
      subject: `accepts at port ${port}`,
      value: `${text(own)} (${own})`,
      from: portPolicy ? [named(portPolicy)] : [],
    })),
  ];
}

/** What DestinationRules have clients do; those of other namespaces may have rules of their own. */
function sentByClients({ entries, workload, isGateway, resources }: Scene): readonly Fact[] {
  if (isGateway) return [];
  const isAuto = isAutoMtls(resources.derive(meshConfig).body);
  const rules = resources.derive(destinationRules);
  const homes = new Set(resources.all(DESTINATION_RULE).map(({ namespace }) => namespace));
  const facts = entries.flatMap((entry) => {
    const common = tlsByPort(entry, undefined, rules.of(entry.host, entry.namespace, entry.namespace), isAuto);
    const others = [...homes].sort().flatMap((namespace) => {
      const own = rules.of(entry.host, entry.namespace, namespace);
      return own[0]?.namespace === namespace && namespace !== entry.namespace ? tlsByPort(entry, namespace, own, isAuto) : [];
    });
    return [...common, ...others].map((fact) => ({
      ...fact,
      details: [...(fact.details ?? []), ...conflictOf(fact, workload, resources)],
    }));
  });
  // Several services mostly say the same.
  const unique = new Map(facts.map((fact) => [JSON.stringify([fact.subject, fact.value, fact.details]), fact]));
  return [...unique.values()].map(({ subject, value, from, details }) => ({ subject, value, from, details }));
}

type TlsFact = Fact & { readonly modes: readonly string[] };

const SENT: Readonly<Record<string, string>> = {
  AUTO: 'mutual TLS to pods that take it, plain text to others: proxies choose by themselves',
  DISABLE: 'plain text',
  SIMPLE: 'TLS without a certificate of the client',
  MUTUAL: 'mutual TLS with certificates of their own',
  ISTIO_MUTUAL: 'mutual TLS',
};

function tlsByPort(entry: RegistryEntry, title: string | undefined, rules: readonly Resource[], isAuto: boolean): readonly TlsFact[] {
  const subsets = [
    undefined,
    ...rules.flatMap((rule) =>
      itemsAt(rule.body, 'spec', 'subsets').flatMap(({ item }) => (typeof item['name'] === 'string' ? item['name'] : [])),
    ),
  ];
  const settings = entry.ports.flatMap(({ number }) =>
    subsets.map((subset) => ({ number, subset, ...clientTls(rules, number, subset, isAuto) })),
  );
  const modes = [...new Set(settings.map(({ mode }) => mode))];
  const from = [...new Set(settings.flatMap(({ rule }) => rule ?? []))].map(named);
  const who = title === undefined ? 'clients send' : `clients of ${title} send`;
  if (modes.length <= 1) {
    const [mode = isAuto ? 'AUTO' : 'DISABLE'] = modes;
    return [{ subject: who, value: SENT[mode] ?? mode, from, modes }];
  }
  const details = settings.map(
    ({ number, subset, mode }) =>
      `port ${number}${subset === undefined ? '' : `, subset ${subset}`}: ${mode === 'AUTO' ? 'proxies choose' : (SENT[mode] ?? mode)}`,
  );
  return [{ subject: who, value: 'different things', from, modes, details }];
}

function conflictOf({ modes }: TlsFact, workload: Workload | undefined, resources: ResourceSet): readonly string[] {
  if (!workload || !modes.some((mode) => mode === 'DISABLE' || mode === 'SIMPLE')) return [];
  if (dataplaneOf(workload, resources) === 'none') return [];
  const { mode, policy } = resources.derive(peerAuthentications).modeFor(workload.namespace, workload.labels);
  return mode === 'STRICT' ? [`the pods refuse that: ${policy ? friendlyName(policy) : 'the mesh'} demands mutual TLS`] : [];
}

/** Of the hosts that its proxy knows only those are named for which a rule says something. */
function sentByItself({ workload, isGateway, isService, resources }: Scene): readonly Fact[] {
  if (!workload || isService || dataplaneOf(workload, resources) !== 'sidecar') return [];
  const isAuto = isAutoMtls(resources.derive(meshConfig).body);
  const scope = resources.derive(sidecarScopes).of(workload.namespace, workload.labels);
  const rules = resources.derive(destinationRules);
  const known = resources.derive(registry).entries.filter((entry) => isGateway || scope.lets(entry));
  const told = known.flatMap((entry) => {
    const own = rules.of(entry.host, entry.namespace, workload.namespace, workload.labels);
    return entry.ports.flatMap(({ number }) => {
      const { mode, rule } = clientTls(own, number, undefined, isAuto);
      return rule ? [{ entry, number, mode, rule }] : [];
    });
  });
  const rest = new Set(known).size - new Set(told.map(({ entry }) => entry)).size;
  return [
    ...told.map(({ entry, number, mode, rule }) => ({
      subject: `sends to ${shortHost(entry.host, resources)}:${number}`,
      value: SENT[mode] ?? mode,
      from: [named(rule)],
      details: refusedBy(entry, mode, resources),
    })),
    {
      subject: told.length === 0 ? 'sends' : 'sends to others',
      value: `${isAuto ? 'mutual TLS where it is taken' : 'plain text'} (${count(rest, 'host')})`,
      from: [],
    },
  ];
}

function refusedBy(entry: RegistryEntry, mode: string, resources: ResourceSet): readonly string[] {
  if (mode !== 'DISABLE' || entry.selector === undefined) return [];
  const [server] = resources.derive(workloads).selectedBy(entry.selector, entry.namespace);
  if (!server || dataplaneOf(server, resources) === 'none') return [];
  const { mode: wanted, policy } = resources.derive(peerAuthentications).modeFor(entry.namespace, server.labels);
  return wanted === 'STRICT' ? [`refused there: ${policy ? friendlyName(policy) : 'the mesh'} demands mutual TLS`] : [];
}
