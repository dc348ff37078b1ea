/** Files, directories and standard input → texts, in a fixed order. */
import { MeshctlError } from '../errors.ts';
import type { DirectoryEntry, Host } from '../host/host.ts';
import type { InputError } from '../model/finding.ts';
import { pathGlob } from '../text/glob.ts';
import { lineIndex } from '../text/lines.ts';
import { KUSTOMIZATION, type Kustomization, parseKustomization } from './kustomize.ts';
import type { Notice } from './read.ts';

export interface SourceText {
  /** As the user wrote it, continued below a directory; `stdin` for standard input. */
  readonly source: string;
  readonly text: string;
  /** True when it was met in a directory, and not named. */
  readonly found: boolean;
  /** Namespace that a kustomization beside or above gives to objects without one. */
  readonly namespace?: string | undefined;
}

export interface WalkOptions {
  /** Only files that match one of these take part; empty: all. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

const EXTENSION = /\.(ya?ml|json)$/i;

/** What a chart is called and is to be filled in with holds no objects, and needs no word beside that on its templates. */
const OF_A_CHART = /^(?:Chart|values[\w.-]*)\.ya?ml$/;

/** Larger files than this cannot be held as one text. */
const MAX_CHARACTERS = 400_000_000;

/** Where walking notes what it passes over and what it could not read. */
export interface WalkLog {
  readonly notices: Notice[];
  readonly errors: InputError[];
}

/**
 * Reads the inputs in the order given; a directory is read recursively, sorted by name, without
 * hidden entries, `node_modules` and the templates of Helm charts.
 * @param inputs paths, or `-` for standard input
 * @throws MeshctlError E_INPUT when a named input cannot be read
 */
export async function* sourceTexts(inputs: readonly string[], options: WalkOptions, host: Host, log: WalkLog): AsyncIterable<SourceText> {
  const included = options.include.map(pathGlob);
  const excluded = options.exclude.map(pathGlob);
  const wanted = (path: string): boolean =>
    (included.length === 0 || included.some((matches) => matches(path))) && !excluded.some((matches) => matches(path));
  const seen = new Set<string>();
  /** Parts of objects that would otherwise count as whole ones. */
  const patches = new Set<string>();

  async function kustomizationIn(
    directory: string,
    entries: readonly DirectoryEntry[],
  ): Promise<(Kustomization & { readonly file: string }) | undefined> {
    const file = entries.find(({ name }) => KUSTOMIZATION.has(name));
    if (!file) return undefined;
    return host.files.read(`${directory}/${file.name}`).then(
      (text) => ({ ...parseKustomization(text), file: file.name }),
      () => undefined,
    );
  }

  async function* walk(directory: string, relative: string, inherited?: string): AsyncIterable<SourceText> {
    let entries: readonly DirectoryEntry[];
    try {
      entries = await host.files.list(directory);
    } catch (error) {
      log.errors.push({ source: directory, message: `The directory cannot be read: ${reasonOf(error)}.` });
      return;
    }
    const isChart = entries.some((entry) => entry.name === 'Chart.yaml');
    const base = directory.replace(/\/$/, '');
    const kustomization = await kustomizationIn(base, entries);
    const namespace = kustomization?.namespace ?? inherited;
    for (const patch of kustomization?.patches ?? []) patches.add(`${base}/${patch}`);
    if (kustomization && kustomization.changes.length > 0) {
      const reason = `is not applied (${kustomization.changes.join(', ')}); use the output of "kubectl kustomize ${base}" instead`;
      log.notices.push({ source: `${base}/${kustomization.file}`, reason });
    }
    for (const { name, kind } of entries) {
      const path = `${base}/${name}`;
      const within = relative === '' ? name : `${relative}/${name}`;
      if (name.startsWith('.') || name === 'node_modules' || KUSTOMIZATION.has(name) || excluded.some((matches) => matches(within)))
        continue;
      if (isChart && OF_A_CHART.test(name)) continue;
      if (kind === 'directory' && isChart && (name === 'templates' || name === 'charts')) {
        log.notices.push({ source: path, reason: 'is part of a Helm chart; use the output of "helm template" instead' });
      } else if (kind === 'directory') yield* walk(path, within, namespace);
      else if (kind !== 'file' || !EXTENSION.test(name) || !wanted(within)) continue;
      else if (patches.has(path)) {
        log.notices.push({ source: path, reason: 'is a patch of a kustomization; use the output of "kubectl kustomize" instead' });
      } else yield* read(path, true, namespace);
    }
  }

  async function* read(path: string, found: boolean, namespace?: string): AsyncIterable<SourceText> {
    const source = sourceName(path);
    if (seen.has(source)) return;
    seen.add(source);
    for await (const text of checked(source, found, 'The file', () => host.files.read(path))) yield { ...text, namespace };
  }

  async function* checked(source: string, found: boolean, what: string, readText: () => Promise<string>): AsyncIterable<SourceText> {
    let text: string;
    try {
      text = await readText();
    } catch (error) {
      log.errors.push({ source, message: `${what} cannot be read: ${reasonOf(error)}.` });
      return;
    }
    const nul = text.indexOf('\u0000');
    if (text.length > MAX_CHARACTERS) log.errors.push({ source, message: `${what} is larger than 400 million characters; split it.` });
    else if (nul >= 0)
      log.errors.push({ source, ...lineIndex(text).place(nul), message: 'A NUL character stands here, so this is no YAML.' });
    else yield { source, text, found };
  }

  for (const input of inputs) {
    if (input === '-') {
      yield* checked('stdin', false, 'Standard input', () => host.stdin.text());
      continue;
    }
    const kind = await kindOf(input, host);
    if (kind === 'directory') yield* walk(input, '');
    else yield* read(input, false);
  }
}

/** The name by which messages call a file. */
export function sourceName(path: string): string {
  return path.replace(/^(?:\.\/)+(?=.)/, '');
}

async function kindOf(input: string, host: Host): Promise<'file' | 'directory'> {
  let kind: Awaited<ReturnType<Host['files']['kind']>>;
  try {
    kind = await host.files.kind(input);
  } catch (error) {
    throw new MeshctlError('E_INPUT', `"${input}" cannot be read: ${reasonOf(error)}.`, { cause: error });
  }
  if (kind === 'file' || kind === 'directory') return kind;
  throw new MeshctlError('E_INPUT', kind === undefined ? `"${input}" does not exist.` : `"${input}" is neither a file nor a directory.`, {
    hint: 'Name files or directories, or "-" for standard input.',
  });
}

/** An error of the file system in words, without the path that messages already name. */
export function reasonOf(error: unknown): string {
  switch ((error as { readonly code?: string }).code) {
    case 'ENOENT':
      return 'it does not exist';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EISDIR':
      return 'it is a directory';
    case 'ENOTDIR':
      return 'a part of the path is not a directory';
    case 'ELOOP':
      return 'too many symbolic links';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
