/** Whether a release may go from one version to another. */
import { MeshctlError } from '../errors.ts';
import { parseVersion } from '../text/semver.ts';

export interface Step {
  readonly component: string;
  /** Version of the chart that is installed. */
  readonly from: string;
  readonly to: string;
}

/**
 * Meshes do not promise that a control plane reads what a newer one wrote; between patches of one minor version nothing changes.
 * @throws MeshctlError E_DOWNGRADE
 */
export function assertNoDowngrade(steps: readonly Step[], isForced: boolean): void {
  const back = steps.find(isDowngrade);
  if (!back || isForced) return;
  throw new MeshctlError('E_DOWNGRADE', `"${back.component}" would go back from version ${back.from} to ${back.to}.`, {
    hint: 'Name a newer version with --version, or give --force where the mesh documents that it can go back.',
  });
}

function isDowngrade({ from, to }: Step): boolean {
  const [old, next] = [parseVersion(from), parseVersion(to)];
  return old !== undefined && next !== undefined && (next.major - old.major || next.minor - old.minor) < 0;
}
