/** Flags and files of values → what a mesh's adapter is asked to plan. */
import { MeshctlError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import type { ConvertedRequest, Install, InstallRequest, Values } from '../model/install.ts';
import { mergeMaps } from '../template/chart/values.ts';
import { type SetFlag, setValue } from '../template/set/set-value.ts';
import { fromValues, readValues, toValues } from '../template/set/values.ts';
import type { GoMap } from '../template/value.ts';
import { parseYaml, YamlProblem } from '../text/yaml.ts';
import { type Options, textsOf } from './define.ts';
import { readInput } from './files.ts';
import { fileFor, setFor } from './install.assignments.ts';
import type { InstallFlags } from './install.flags.ts';

export type UserRequest = Omit<InstallRequest, 'before' | 'now' | 'complete' | 'renew'> & { readonly notices: readonly string[] };

const SETS: readonly (readonly [flag: SetFlag, option: string])[] = [
  ['set-json', 'setJson'],
  ['set', 'set'],
  ['set-string', 'setString'],
  ['set-file', 'setFile'],
];

/** @throws MeshctlError E_INPUT, E_VALUES, E_SET, E_USAGE and E_INSTALL */
export async function userRequest(install: Install, flags: InstallFlags, options: Options, host: Host): Promise<UserRequest> {
  const ids = install.components.map(({ id }) => id);
  const files = await Promise.all(textsOf(options, 'values').map((given) => readFile(given, ids, install, host)));
  const converted = files.flatMap(({ request }) => request ?? []);
  if (converted.length > 1)
    throw new MeshctlError('E_USAGE', 'More than one file in the format of another installer is given.', { hint: 'Give one of them.' });
  const [base] = converted;
  const all = new Layers([...ids, ...Object.keys(base?.copies ?? {})]);
  if (base) all.begin(base.values);
  for (const { component, values } of files) if (values) all.lay(component, values);
  const texts = await filesNamed(textsOf(options, 'setFile'), all.components, host);
  for (const [flag, option] of SETS) for (const given of textsOf(options, option)) all.set(flag, given, texts);
  return {
    profile: flags.profile ?? base?.profile,
    version: flags.version,
    namespace: flags.namespace ?? base?.namespace,
    revision: flags.revision ?? base?.revision,
    with: [...(base?.with ?? []), ...flags.with],
    without: [...(base?.without ?? []), ...flags.without],
    ...(base?.copies ? { copies: base.copies } : {}),
    ...(base?.namespaces ? { namespaces: base.namespaces } : {}),
    values: all.values(),
    notices: base?.notices ?? [],
  };
}

interface Read {
  readonly component: string | undefined;
  readonly values?: GoMap;
  readonly request?: ConvertedRequest;
}

async function readFile(given: string, ids: readonly string[], install: Install, host: Host): Promise<Read> {
  const { component, text: path } = fileFor(given, ids);
  const text = path === '-' ? await host.stdin.text() : await readInput(path, host);
  const where = path === '-' ? 'standard input' : path;
  const request = component === undefined ? install.convert?.(documentIn(text)) : undefined;
  return request ? { component, request } : { component, values: readValues(text, where) };
}

/** What is wrong with a file of values is told by whoever reads it as such. */
function documentIn(text: string): unknown {
  try {
    return parseYaml(text);
  } catch (error) {
    if (error instanceof YamlProblem) return undefined;
    throw error;
  }
}

/** Values for all components, and for single ones. */
class Layers {
  readonly components: readonly string[];
  #all: GoMap = new Map();
  readonly #of = new Map<string, GoMap>();

  constructor(components: readonly string[]) {
    this.components = components;
  }

  begin({ all, of }: InstallRequest['values']): void {
    this.#all = fromValues(all);
    for (const [component, values] of Object.entries(of)) this.#of.set(component, fromValues(values));
  }

  lay(component: string | undefined, values: GoMap): void {
    if (component === undefined) this.#all = mergeMaps(this.#all, values);
    else this.#of.set(component, mergeMaps(this.#of.get(component) ?? new Map(), values));
  }

  set(flag: SetFlag, given: string, files: ReadonlyMap<string, string>): void {
    const { component, text } = setFor(`--${flag}`, given, this.components);
    const read = (path: string): string => files.get(path) ?? '';
    if (component === undefined) this.#all = setValue(this.#all, flag, text, read);
    else this.#of.set(component, setValue(this.#of.get(component) ?? new Map(), flag, text, read));
  }

  values(): InstallRequest['values'] {
    const of = Object.fromEntries([...this.#of].map(([component, values]): [string, Values] => [component, toValues(values)]));
    return { all: toValues(this.#all), of };
  }
}

/** The texts that `--set-file` asks for, by path: which these are, only reading the flags tells. */
async function filesNamed(given: readonly string[], components: readonly string[], host: Host): Promise<ReadonlyMap<string, string>> {
  const paths = new Set<string>();
  const note = (path: string): string => {
    paths.add(path);
    return '';
  };
  for (const each of given) setValue(new Map(), 'set-file', setFor('--set-file', each, components).text, note);
  return new Map(await Promise.all([...paths].map(async (path) => [path, await readInput(path, host)] as const)));
}
