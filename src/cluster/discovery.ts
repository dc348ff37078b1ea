/** Every kind that the server serves: two requests where it aggregates them, one for each group version where not. */
import { MeshctlError } from '../errors.ts';
import { itemsAt, listAt, stringAt } from '../model/body.ts';
import type { ServedKind } from '../model/cluster.ts';
import { inParallel } from '../model/parallel.ts';
import { type Kind, kindOf } from '../model/resource.ts';
import { type About, strangeAnswer } from './errors.ts';
import type { Api } from './request.ts';

export type Kinds = ReadonlyMap<Kind, ServedKind>;

const ABOUT: About = { verb: 'discover', what: 'what the server serves' };

const ROOTS: ReadonlySet<string> = new Set(['APIGroupDiscoveryList', 'APIVersions', 'APIGroupList']);

const ACCEPT = ['v2', 'v2beta1']
  .map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .concat('application/json')
  .join(',');

export async function discover(api: Api): Promise<Kinds> {
  const kinds = new Map<Kind, ServedKind>();
  const add = (served: ServedKind): void => {
    // Versions come in the order of preference.
    if (!kinds.has(served.kind)) kinds.set(served.kind, served);
  };
  const root = async (path: string): Promise<unknown> => {
    const answer = await api.json({ about: ABOUT, path, accept: ACCEPT });
    // A server of another kind that answers everything would look like a cluster that holds nothing.
    if (!ROOTS.has(stringAt(answer, 'kind') ?? '')) throw strangeAnswer('Kubernetes discovery', ABOUT, api.place);
    return answer;
  };
  for (const answer of await Promise.all([root('/api'), root('/apis')])) {
    const served =
      stringAt(answer, 'kind') === 'APIGroupDiscoveryList' ? aggregated(answer) : await eachGroupVersion(api, groupVersions(answer));
    for (const kind of served) add(kind);
  }
  return kinds;
}

/** @see https://kubernetes.io/docs/concepts/overview/kubernetes-api/#aggregated-discovery */
function aggregated(answer: unknown): readonly ServedKind[] {
  return itemsAt(answer, 'items').flatMap(({ item: group }) =>
    itemsAt(group, 'versions').flatMap(({ item: version }) =>
      itemsAt(version, 'resources').flatMap(({ item }) => {
        const name = stringAt(group, 'metadata', 'name') ?? '';
        const apiVersion = name === '' ? (stringAt(version, 'version') ?? '') : `${name}/${stringAt(version, 'version')}`;
        const kind = stringAt(item, 'responseKind', 'kind');
        const plural = stringAt(item, 'resource');
        if (!kind || !plural) return [];
        return [
          {
            kind: kindOf(apiVersion, kind),
            apiVersion,
            plural,
            namespaced: stringAt(item, 'scope') === 'Namespaced',
            verbs: listAt(item, 'verbs').map(String),
          },
        ];
      }),
    ),
  );
}

/** Paths of the group versions that `/api` and `/apis` name, the preferred version of a group first. */
function groupVersions(answer: unknown): readonly string[] {
  const core = listAt(answer, 'versions').map(String);
  if (stringAt(answer, 'kind') === 'APIVersions') return core.map((version) => `/api/${version}`);
  return itemsAt(answer, 'groups').flatMap(({ item: group }) => {
    const preferred = stringAt(group, 'preferredVersion', 'groupVersion');
    const all = itemsAt(group, 'versions').flatMap(({ item }) => stringAt(item, 'groupVersion') ?? []);
    return [...new Set([...(preferred ? [preferred] : []), ...all])].map((version) => `/apis/${version}`);
  });
}

async function eachGroupVersion(api: Api, paths: readonly string[]): Promise<readonly ServedKind[]> {
  const lists = await inParallel(paths, 8, async (path) => {
    try {
      return await api.json({ about: ABOUT, path, attempts: 1 });
    } catch (error) {
      // The backend of an aggregated API may be down; everything else is served all the same.
      if (error instanceof MeshctlError && /^E_CLUSTER_(FAILED|NOT_FOUND|NOT_SERVED|FORBIDDEN)$/.test(error.code)) return undefined;
      throw error;
    }
  });
  return lists.flatMap((list) =>
    itemsAt(list, 'resources').flatMap(({ item }) => {
      const apiVersion = stringAt(list, 'groupVersion') ?? '';
      const plural = stringAt(item, 'name') ?? '';
      if (plural === '' || plural.includes('/')) return [];
      return [
        {
          kind: kindOf(apiVersion, stringAt(item, 'kind') ?? ''),
          apiVersion,
          plural,
          namespaced: item['namespaced'] === true,
          verbs: listAt(item, 'verbs').map(String),
        },
      ];
    }),
  );
}
