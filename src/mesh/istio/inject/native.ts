/** Whether sidecars are init containers that keep running, which Kubernetes has in full since version 1.33. */
import { stringAt } from '../../../model/body.ts';
import type { Resource } from '../../../model/resource.ts';
import { parseVersion } from '../../../text/semver.ts';

export type NativeMode = 'auto' | 'always' | 'never';

const FIRST_MINOR = 33;

/**
 * @param setting of ENABLE_NATIVE_SIDECARS; undefined or empty for the default of the version
 * @param version of the control plane: before 1.27 native sidecars had to be asked for
 */
export function nativeMode(setting: string | undefined, version: string): NativeMode {
  if (setting === 'auto') return 'auto';
  if (setting) return setting === 'true' ? 'always' : 'never';
  const parsed = parseVersion(version);
  return parsed && (parsed.major < 1 || (parsed.major === 1 && parsed.minor < 27)) ? 'never' : 'auto';
}

/** @param nodes of the cluster; undefined when there is none to ask, and every supported version of Kubernetes can do it */
export function nativeOnNode(mode: NativeMode, nodes: readonly Resource[] | undefined): (node: string) => boolean {
  if (mode !== 'auto') return () => mode === 'always';
  if (!nodes) return () => true;
  const able = new Map(nodes.map((node) => [node.name, canDo(node)]));
  // One old node is enough: nobody knows where the pods will run.
  const all = [...able.values()].every(Boolean);
  return (node) => able.get(node) ?? all;
}

function canDo({ body }: Resource): boolean {
  const version = parseVersion(stringAt(body, 'status', 'nodeInfo', 'kubeletVersion') ?? '');
  return version !== undefined && (version.major > 1 || version.minor >= FIRST_MINOR);
}
