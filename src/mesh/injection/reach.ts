/** Asking the cluster. A proxy cannot be made without its answer; a mark can be set, and less is told of what comes of it. */
import { MeshctlError } from '../../errors.ts';
import type { InjectParameters } from '../../model/inject.ts';

type Live = NonNullable<InjectParameters['live']>;

/** @returns undefined where there is no cluster to ask, or where it does not answer and nothing depends on that */
export async function askCluster<T>(
  { live, manual }: InjectParameters,
  ask: (live: Live) => Promise<T>,
): Promise<{ readonly answer: T } | undefined> {
  if (!live) return undefined;
  if (manual) return { answer: await ask(live) };
  try {
    return { answer: await ask(live) };
  } catch (error) {
    if (error instanceof MeshctlError) return undefined;
    throw error;
  }
}
