/** Which mesh is meant. */
import { MeshctlError } from '../errors.ts';
import { meshes } from '../mesh/index.ts';
import type { Install } from '../model/install.ts';
import type { MeshAdapter } from '../model/mesh-adapter.ts';
import { nearest } from '../text/nearest.ts';
import { quotedList } from '../text/words.ts';
import { type Options, textOf } from './define.ts';

export interface InstallableMesh {
  readonly adapter: MeshAdapter;
  readonly install: Install;
}

/** Those that there are charts for. */
export const installable: readonly InstallableMesh[] = meshes.flatMap((adapter) =>
  adapter.install ? [{ adapter, install: adapter.install }] : [],
);

/**
 * @returns undefined when neither the argument nor --mesh names one
 * @throws MeshctlError E_USAGE for one that there is not, and for two
 */
export function meshNamed([given]: readonly string[], options: Options): InstallableMesh | undefined {
  const flag = textOf(options, 'mesh');
  if (given !== undefined && flag !== undefined && given !== flag) {
    throw new MeshctlError('E_USAGE', `The argument says "${given}", and --mesh says "${flag}".`, { hint: 'Name one mesh.' });
  }
  const name = given ?? flag;
  if (name === undefined) return undefined;
  const mesh = installable.find(({ adapter }) => adapter.id === name);
  if (mesh) return mesh;
  const names = installable.map(({ adapter }) => adapter.id);
  const close = nearest(name, names);
  const known = meshes.find(({ id }) => id === name);
  throw new MeshctlError('E_USAGE', known ? `meshctl has no charts to install ${known.title} from.` : `There is no mesh "${name}".`, {
    hint: `${close ? `Did you mean "${close}"? ` : ''}Meshes that can be installed are ${quotedList(names)}.`,
  });
}
