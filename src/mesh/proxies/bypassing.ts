/** Pods that should have a proxy and have none: no list of proxies shows them. */
import { EXIT, MeshctlError } from '../../errors.ts';
import type { Check, Facts } from '../../model/check.ts';
import type { Ref } from '../../model/resource.ts';
import { quotedList } from '../../text/words.ts';

type Named = Pick<Ref, 'namespace' | 'name'>;

export const bypassNotices = (pods: readonly Named[]): readonly string[] =>
  pods.length === 0
    ? []
    : [
        `${pods.length === 1 ? 'A pod that should have a proxy has none' : `${pods.length} pods that should have a proxy have none`}: ${quotedList(
          pods.map(({ namespace, name }) => `${namespace}/${name}`),
          3,
        )}.`,
      ];

/** By what the mesh's own check finds; nothing where it may not be judged. */
export async function bypassesBy(checks: readonly Check[], id: string, facts: Facts): Promise<readonly string[]> {
  const result = await permitted(async () => checks.find((check) => check.id === id)?.run(facts));
  return bypassNotices(result?.is === 'warning' || result?.is === 'failed' ? (result.affected ?? []).map(({ resource }) => resource) : []);
}

/** Undefined when what is needed may not be read. */
export async function permitted<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof MeshctlError && error.exit === EXIT.unreachable) return undefined;
    throw error;
  }
}
