/** Meshes whose control plane tells nothing about its proxies: each Envoy is asked how it fares. */

import { XDS_STATS_PATH, xdsStats } from '../../envoy/xds-stats.ts';
import { itemsAt, stringAt } from '../../model/body.ts';
import type { Check, Facts } from '../../model/check.ts';
import {
  type MeshProxies,
  type ProxyQuestion,
  type ProxyStatus,
  type ProxyType,
  type TypeStatus,
  worstOf,
} from '../../model/proxy-status.ts';
import type { Resource } from '../../model/resource.ts';
import { jsonValue } from '../../text/json-value.ts';
import { count } from '../../text/words.ts';
import { versionOfImage } from '../checks/images.ts';
import { containerProblem, containerStatus, isEnded, stuckContainers } from '../checks/pods.ts';
import { existsId, proxiesOf, type SidecarMesh } from '../checks/sidecar-mesh.ts';
import { isStarting, POD, type SidecarPod } from '../checks/sidecars.ts';
import { bypassesBy } from './bypassing.ts';
import { certificatesOf } from './certificates.ts';
import { firstImage, planeByPod } from './control-pods.ts';
import { askedFor, saidOf } from './words.ts';

export interface EnvoyMesh {
  readonly mesh: SidecarMesh;
  readonly checks: readonly Check[];
  /** Of the first sidecar of a pod; those behind it count on from there. */
  readonly adminPort: number;
  typeOf(pod: Resource): ProxyType;
}

export async function envoyProxies(
  { mesh, checks, adminPort, typeOf }: EnvoyMesh,
  facts: Facts,
  question: ProxyQuestion,
): Promise<MeshProxies> {
  const planes = (await facts.list(POD)).filter((pod) => !isEnded(pod) && mesh.isCore(pod));
  const pods = (await proxiesOf(mesh, facts)).filter(({ pod }) => question.selects(pod.labels));
  const proxies = await Promise.all(
    pods.map(async (proxy): Promise<ProxyStatus> => {
      const { pod, image } = proxy;
      return {
        ...{ mesh: mesh.id, namespace: pod.namespace, name: pod.name, cluster: '' },
        ...{ type: typeOf(pod), version: versionOfImage(image) },
        ...withPod(pod, await asked(proxy, adminPort, facts)),
      };
    }),
  );
  return {
    controlPlanes: planes.map((pod) => planeByPod(mesh.id, pod, versionOfImage(firstImage(pod)))),
    proxies,
    notices: await bypassesBy(checks, existsId(mesh).replace('control-plane-exists', 'data-plane-pods-injected'), facts),
  };
}

type Fares = Pick<ProxyStatus, 'state' | 'reason' | 'hint' | 'warnings' | 'types' | 'certificate'>;

const withPod = (pod: Resource, fares: Fares): Fares => ({ ...fares, warnings: [...fares.warnings, ...stuckContainers(pod)] });

/** Of a pod of several services the first sidecar is asked. */
async function asked({ pod, containers }: SidecarPod, adminPort: number, facts: Facts): Promise<Fares> {
  const [container = ''] = containers;
  const logs = `"kubectl -n ${pod.namespace} logs ${pod.name} -c ${container}"`;
  const problem = containerProblem(container, containerStatus(pod, container));
  if (containerStatus(pod, container)?.['state'] === undefined || problem?.includes('('))
    return { state: 'disconnected', reason: problem, hint: `${logs} tells why.`, warnings: [], types: {} };
  const answer = await askedFor(facts, pod, adminPort, XDS_STATS_PATH);
  if ('problem' in answer) return { state: 'unknown', reason: answer.problem, warnings: [], types: {} };
  const { connected, types, rejected } = xdsStats(answer.body);
  const refused = Object.keys(rejected).length === 0 ? {} : await refusals(pod, adminPort, facts);
  const all: Readonly<Record<string, TypeStatus>> = { ...types, ...refused };
  const { certificate, warnings } = await certificatesOf(facts, pod, adminPort);
  const isDown = connected === false && !isStarting(pod, facts.now);
  const state = isDown ? 'disconnected' : worstOf(all, ['CDS', 'LDS']);
  const said = Object.entries(refused).map(([type, { error = '' }]) => `It rejects ${type}: ${saidOf(error)}`);
  const counted = Object.entries(rejected).flatMap(([type, number]) =>
    type in refused ? [] : [`It has rejected ${count(number, `${type} update`)} since it started.`],
  );
  return {
    ...{ state, types: all, certificate, warnings: [...warnings, ...counted] },
    reason: isDown
      ? 'It is not connected to its control plane.'
      : state === 'not-sent'
        ? 'Its control plane has sent it nothing.'
        : said.join(' ') || undefined,
    hint: state === 'synced' ? undefined : `${logs} tells what it says to its control plane.`,
  };
}

/** What of the last updates is still refused: Envoy keeps the reason until an update is taken. */
async function refusals(pod: Resource, adminPort: number, facts: Facts): Promise<Readonly<Record<string, TypeStatus>>> {
  const found = await Promise.all(
    [['LDS', 'dynamic_listeners'] as const, ['CDS', 'dynamic_warming_clusters'] as const].map(async ([type, resource]) => {
      const answer = await askedFor(facts, pod, adminPort, `/config_dump?resource=${resource}`);
      if ('problem' in answer) return [];
      const [state] = itemsAt(jsonValue(answer.body), 'configs').flatMap(({ item }) =>
        item['error_state'] === undefined ? [] : [item['error_state']],
      );
      if (state === undefined) return [];
      const sentAt = Date.parse(stringAt(state, 'last_update_attempt') ?? '');
      const status: TypeStatus = { state: 'error', error: stringAt(state, 'details') ?? '', ...(Number.isNaN(sentAt) ? {} : { sentAt }) };
      return [[type, status] as const];
    }),
  );
  return Object.fromEntries(found.flat());
}
