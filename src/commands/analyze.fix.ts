/**
 * `analyze --fix`: changes the files of findings that have one safe fix, and analyzes again what
 * came out, until nothing is left to change. Files are written once, at the end.
 */
import { fixSources, type SourceFix, type Unfixed } from '../analysis/fix.ts';
import { reasonOf, sourceName } from '../gather/files.ts';
import type { Host } from '../host/host.ts';
import type { Finding } from '../model/finding.ts';

/** An analysis of the inputs as a host gives them, and those of its findings that are reported. */
interface Analyzed {
  readonly reported: readonly Finding[];
}

export interface FixedSource {
  readonly source: string;
  readonly before: string;
  readonly after: string;
  readonly fixed: readonly Finding[];
}

export interface FixResult<T> {
  /** What is found once the changes are made. */
  readonly analyzed: T;
  /** Sources that are changed, or in a dry run would be. */
  readonly sources: readonly FixedSource[];
  readonly left: readonly Unfixed[];
  /** Files that should have been changed and were not. */
  readonly unwritten: readonly { readonly source: string; readonly reason: string }[];
}

/** Edits that collide are made one after the other; no object has more of them than this. */
const MOST_PASSES = 10;

/** @param analyze as often as needed, each time with the files as they would be */
export async function fixInputs<T extends Analyzed>(
  analyze: (host: Host) => Promise<T>,
  { dryRun }: { readonly dryRun: boolean },
  host: Host,
): Promise<FixResult<T>> {
  const texts = remembering(host);
  const sources = new Map<string, FixedSource>();
  let analyzed = await analyze(texts.host);
  let left: readonly Unfixed[] = [];
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    const fixes = fixSources(analyzed.reported);
    left = fixes.flatMap((fix) => fix.left);
    const changed = fixes.filter((fix) => fix.after !== fix.before);
    if (changed.length === 0) break;
    for (const fix of changed) {
      sources.set(fix.source, joined(sources.get(fix.source), fix));
      texts.put(fix.source, fix.after);
    }
    analyzed = await analyze(texts.host);
  }
  if (dryRun) return { analyzed, sources: [...sources.values()], left, unwritten: [] };
  const unwritten: { readonly source: string; readonly reason: string }[] = [];
  for (const source of sources.values()) {
    const reason = await write(source, host);
    if (reason === undefined) continue;
    unwritten.push({ source: source.source, reason });
    sources.delete(source.source);
    texts.put(source.source, source.before);
  }
  if (unwritten.length > 0) analyzed = await analyze(texts.host);
  return { analyzed, sources: [...sources.values()], left, unwritten };
}

function joined(earlier: FixedSource | undefined, { source, before, after, fixed }: SourceFix): FixedSource {
  return { source, before: earlier?.before ?? before, after, fixed: [...(earlier?.fixed ?? []), ...fixed] };
}

/** @returns why the file is as it was */
async function write({ source, before, after }: FixedSource, host: Host): Promise<string | undefined> {
  try {
    if ((await host.files.read(source)) !== before) return 'was changed meanwhile';
    await host.files.replace(source, after);
    return undefined;
  } catch (error) {
    return `cannot be written: ${reasonOf(error)}`;
  }
}

interface Remembering {
  readonly host: Host;
  put(source: string, text: string): void;
}

/** The host with its texts as they were when they were first read, or as they have been put since. */
function remembering(host: Host): Remembering {
  const files = new Map<string, Promise<string>>();
  const remembered = (source: string, read: () => Promise<string>): Promise<string> => {
    const text = files.get(source) ?? read();
    files.set(source, text);
    return text;
  };
  return {
    host: {
      ...host,
      stdin: { ...host.stdin, text: () => remembered('stdin', () => host.stdin.text()) },
      files: { ...host.files, read: (path) => remembered(sourceName(path), () => host.files.read(path)) },
    },
    put: (source, text) => void files.set(sourceName(source), Promise.resolve(text)),
  };
}
