/** What Linkerd's injector says to a single pod of a cluster. */
import type { MeshAdapter } from '../../model/mesh-adapter.ts';
import { configuredPlanes } from './control-planes.ts';
import { decide, injectors } from './injection.ts';
import { INJECT } from './kinds.ts';

export const decides: NonNullable<MeshAdapter['decides']> = async (pod, home, facts) => {
  const mountsOwnToken = (await configuredPlanes(facts)).every(({ config }) => config.mountsOwnToken);
  const { is, because } = decide(pod, home, await injectors(facts), mountsOwnToken);
  if (is === 'injected') return { injects: true, because: `The annotation "${INJECT}" asks for it, and nothing speaks against it.` };
  if (because === undefined) return { injects: false, because: `Neither it nor its namespace has the annotation "${INJECT}".` };
  return { injects: false, because: `${because.charAt(0).toUpperCase()}${because.slice(1)}.` };
};
