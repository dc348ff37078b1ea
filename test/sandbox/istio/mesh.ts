/** The bookinfo mesh on a manual clock, and what its proxies say. */
import { at, itemsAt } from '../../../src/model/body.ts';
import { bookinfoMesh } from '../../../src/sandbox/scenarios/_bookinfo.ts';
import { type OpenCluster, openCluster } from '../cluster.ts';

export interface Mesh extends OpenCluster {
  /** The answer of a proxy's administration. */
  admin(name: string, path: string, method?: string): Promise<{ readonly status: number; readonly body: string }>;
}

/** Ends with the test. */
export async function openMesh(options = bookinfoMesh()): Promise<Mesh> {
  const opened = await openCluster(options, 'bookinfo');
  return {
    ...opened,
    admin: (name, path, method = 'GET') =>
      opened.port(name, 15_000, name.startsWith('istio') ? 'istio-system' : 'bookinfo').request(path, { method }),
  };
}

/** The entries of a part of a config dump, by the name of the field that holds them. */
export const dumped = (body: string, field: string): readonly object[] =>
  itemsAt(JSON.parse(body), 'configs').flatMap(({ item }) => itemsAt(item, field).map((each) => each.item));

/** The value of a counter; undefined when it is not there. */
export function stat(body: string, name: string): number | undefined {
  const value = itemsAt(JSON.parse(body), 'stats').find(({ item }) => item['name'] === name)?.item;
  return value && Number(at(value, ['value']));
}
