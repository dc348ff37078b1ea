/** All control planes and proxies of the cluster, in one report. */
import { factsOf, remembering } from '../checks/facts.ts';
import { MeshctlError } from '../errors.ts';
import { meshes } from '../mesh/index.ts';
import type { Cluster } from '../model/cluster.ts';
import type { MeshAdapter } from '../model/mesh-adapter.ts';
import { PROXY_STATES, type ProxyStatus } from '../model/proxy-status.ts';
import type { ProxyStatusReport } from '../reporters/proxy-status-document.ts';
import { assertNamespace, meshesIn } from './check.meshes.ts';
import type { Sort, StatusPlan } from './proxy-status.plan.ts';

/** Proxies that are asked for their certificates without being told to. */
const MOST_ASKED = 50;
const AT_ONCE = 16;

/** @throws MeshctlError E_NO_MESH, E_NAMESPACE */
export async function gatherStatus(connected: Cluster, plan: StatusPlan, now: number, signal: AbortSignal): Promise<ProxyStatusReport> {
  const cluster = remembering(connected, signal);
  const found = plan.mesh === undefined ? await detected(cluster) : meshes.filter(({ id }) => id === plan.mesh);
  await assertNamespace(plan.namespace, cluster);
  const facts = factsOf(cluster, {
    ...{ now, mode: 'running', namespace: plan.namespace, reads: [], signal },
    ...{ meshes: found.map(({ id }) => id), atOnce: AT_ONCE, mostAsked: Number.POSITIVE_INFINITY },
  });
  let unasked = 0;
  const answers = await Promise.all(
    found.map(({ proxies }) =>
      proxies?.(facts, {
        cluster,
        staleAfterMs: plan.staleAfterMs,
        selects: plan.selects ?? (() => true),
        asksCertificates: (number) => {
          const asks = plan.allCertificates || number <= MOST_ASKED;
          if (!asks) unasked += number;
          return asks;
        },
      }),
    ),
  );
  const proxies = answers.flatMap((answer) => answer?.proxies ?? []);
  return {
    controlPlanes: answers.flatMap((answer) => answer?.controlPlanes ?? []).sort(byName),
    proxies: proxies.filter(({ state }) => plan.states.length === 0 || plan.states.includes(state)).sort(ORDERS[plan.sort]),
    notices: [
      ...answers.flatMap((answer) => answer?.notices ?? []),
      ...(unasked === 0
        ? []
        : [`The certificates of ${unasked} proxies were not read; --certificates asks each, and -n or -l narrows the list.`]),
    ],
    hidden: plan.states.length === 0 ? 0 : proxies.filter(({ state }) => !plan.states.includes(state)).length,
    now,
  };
}

async function detected(cluster: Cluster): Promise<readonly MeshAdapter[]> {
  const { found } = await meshesIn(cluster);
  if (found.length > 0) return found;
  throw new MeshctlError('E_NO_MESH', `No mesh was found in the cluster of context "${cluster.context}".`, {
    hint: 'Name the mesh with --mesh if it is there and its marks may not be read, or another cluster with --context.',
  });
}

type Order = (left: ProxyStatus, right: ProxyStatus) => number;

const keyOf = ({ namespace, name, cluster }: Pick<ProxyStatus, 'namespace' | 'name'> & { readonly cluster?: string }): string =>
  `${namespace}/${name}/${cluster ?? ''}`;

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

function byName(left: Pick<ProxyStatus, 'namespace' | 'name'>, right: Pick<ProxyStatus, 'namespace' | 'name'>): number {
  return compare(keyOf(left), keyOf(right));
}

const rank = ({ state, warnings }: ProxyStatus): number =>
  PROXY_STATES.indexOf(state) - (state === 'synced' && warnings.length > 0 ? 0.5 : 0);

const ORDERS: Readonly<Record<Sort, Order>> = {
  state: (left, right) => rank(left) - rank(right) || byName(left, right),
  name: byName,
  version: (left, right) => compare(left.version ?? '', right.version ?? '') || byName(left, right),
  'control-plane': (left, right) => compare(left.controlPlane ?? '', right.controlPlane ?? '') || byName(left, right),
  certificate: (left, right) =>
    (left.certificate?.notAfter ?? Number.MAX_SAFE_INTEGER) - (right.certificate?.notAfter ?? Number.MAX_SAFE_INTEGER) ||
    byName(left, right),
};
