/** Values of files and flags, in the order in which Helm lays them over each other. */
import type { Host } from '../host/host.ts';
import { mergeMaps } from '../template/chart/values.ts';
import { type SetFlag, setValue } from '../template/set/set-value.ts';
import { readValues } from '../template/set/values.ts';
import type { GoMap } from '../template/value.ts';
import { type Options, textsOf } from './define.ts';
import { readInput } from './files.ts';

const FLAGS: readonly (readonly [flag: SetFlag, option: string])[] = [
  ['set-json', 'setJson'],
  ['set', 'set'],
  ['set-string', 'setString'],
  ['set-file', 'setFile'],
  ['set-literal', 'setLiteral'],
];

/** @throws MeshctlError E_INPUT, E_VALUES, E_SET */
export async function valuesFrom(options: Options, host: Host): Promise<GoMap> {
  let values: GoMap = new Map();
  for (const path of textsOf(options, 'values')) {
    const text = path === '-' ? await host.stdin.text() : await readInput(path, host, addressHint(path));
    values = mergeMaps(values, readValues(text, path === '-' ? 'standard input' : path));
  }
  const files = await filesFor(textsOf(options, 'setFile'), host);
  for (const [flag, option] of FLAGS) {
    for (const text of textsOf(options, option)) values = setValue(values, flag, text, (path) => files.get(path) ?? '');
  }
  return values;
}

const addressHint = (path: string): string | undefined =>
  /^https?:\/\//.test(path) ? 'Values are not downloaded; put the file here first.' : undefined;

/** The texts that the flags ask for, by path: which these are, only reading the flags tells. */
async function filesFor(flags: readonly string[], host: Host): Promise<ReadonlyMap<string, string>> {
  const paths = new Set<string>();
  const note = (path: string): string => {
    paths.add(path);
    return '';
  };
  for (const text of flags) setValue(new Map(), 'set-file', text, note);
  return new Map(await Promise.all([...paths].map(async (path) => [path, await readInput(path, host)] as const)));
}
