/**
 * Extensions of a mesh's own tool: programs that `linkerd check` asks for checks of their own, and so does meshctl.
 * @see https://github.com/linkerd/linkerd2/blob/main/EXTENSIONS.md
 */
import type { Ended, Host } from '../host/host.ts';
import { itemsAt, stringAt } from '../model/body.ts';
import type { CheckOutcome, CheckResult, Facts } from '../model/check.ts';
import type { CheckExtensions } from '../model/mesh-adapter.ts';
import type { CheckPlan } from './check.plan.ts';
import { type Options, textOf, textsOf } from './define.ts';

/** What `--only` and `--skip` call all of them; a single one is called by its name. */
const EXTENSIONS = 'extensions';

/** meshctl under the name by which `linkerd check` finds it. */
const OWN_NAME = 'linkerd-meshctl';

const METADATA_MS = 5_000;
const CHECK_MS = 60_000;

/** @returns outcomes of every extension in use, by name; none for those that are not chosen */
export async function extensionOutcomes(
  { prefix, label, covered, docs }: CheckExtensions,
  facts: Facts,
  plan: CheckPlan,
  options: Options,
  host: Host,
  signal: AbortSignal,
): Promise<readonly CheckOutcome[]> {
  const programs = new Map((await host.programs.find(prefix)).map(({ name, path }) => [name, path]));
  programs.delete(OWN_NAME);
  const namespaces = await facts.list('core/Namespace').catch(() => []);
  const names = namespaces.map(({ labels }) => labels[label] ?? '').filter((name) => name !== '' && !covered.includes(name));
  const installed = [...new Set(names)].map((name) => `${prefix}${name}`);
  const always: string[] = [];
  for (const [name, path] of programs) {
    if (!installed.includes(name) && isChosen(name, plan) && (await wantsAlways(name, path, host, signal))) always.push(name);
  }
  const outcomes: CheckOutcome[] = [];
  // One after the other, as Linkerd does: they may well ask the same API server as much as we do.
  for (const name of [...installed, ...always].sort()) {
    if (!isChosen(name, plan)) continue;
    const path = programs.get(name);
    const start = host.clock.now();
    if (path === undefined) {
      outcomes.push(notFound(name, docs));
      continue;
    }
    const ended = await host.programs.run(path, argumentsFor(plan, options), { timeoutMs: CHECK_MS + (plan.waitMs ?? 0), signal });
    signal.throwIfAborted();
    outcomes.push(...outcomesFrom(name, ended, host.clock.now() - start));
  }
  return outcomes;
}

/** Names in `--only` or `--skip` that mean extensions, which are not known beforehand. */
export function namesExtension(name: string, all: readonly CheckExtensions[]): boolean {
  return name === EXTENSIONS || all.some(({ prefix }) => name.startsWith(prefix));
}

function isChosen(name: string, { only, skip }: CheckPlan): boolean {
  const means = (names: readonly string[]): boolean =>
    names.some((each) => each === EXTENSIONS || each === name || each.startsWith(`${name}/`));
  return (only.length === 0 || means(only)) && !means(skip);
}

/** Programs that want to be asked whatever the cluster holds say so. Those that do not know the question are no extensions. */
async function wantsAlways(name: string, path: string, host: Host, signal: AbortSignal): Promise<boolean> {
  const { code, stdout } = await host.programs.run(path, ['_extension-metadata'], { timeoutMs: METADATA_MS, signal });
  const metadata = code === 0 ? parsed(stdout) : undefined;
  return stringAt(metadata, 'name')?.toLowerCase() === name.toLowerCase() && stringAt(metadata, 'checks') === 'always';
}

/** Linkerd's flags, of which only those with a value are given. */
function argumentsFor({ mode, namespace, waitMs }: CheckPlan, options: Options): readonly string[] {
  const flags: readonly (readonly [string, string | undefined])[] = [
    ['context', textOf(options, 'context')],
    ['as', textOf(options, 'as')],
    ['as-group', textsOf(options, 'asGroup').join(',') || undefined],
    ['kubeconfig', textOf(options, 'kubeconfig')],
    ['namespace', namespace],
    ['proxy', mode === 'proxy' ? 'true' : undefined],
    ['wait', waitMs === undefined ? undefined : `${Math.ceil(waitMs / 1000)}s`],
    ['output', 'json'],
  ];
  return ['check', ...flags.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`]))];
}

function outcomesFrom(extension: string, { stdout, stderr }: Ended, durationMs: number): readonly CheckOutcome[] {
  const categories = itemsAt(parsed(stdout), 'categories');
  if (categories.length === 0) {
    const said = (stderr.trim() || stdout.trim()).split('\n')[0] ?? '';
    return [
      outcomeOf(extension, extension, 'The extension answers with its checks.', durationMs, {
        is: 'failed',
        reason: `"${extension} check" gave no checks${said === '' ? ', and said nothing' : `, but said: ${said.slice(0, 300)}`}.`,
        hint: `Run "${extension} check" to see what is the matter with it, or leave it out with --skip ${extension}.`,
      }),
    ];
  }
  const checks = categories.flatMap(({ item: category }) =>
    itemsAt(category, 'checks').map(({ item }) => ({ item, category: stringAt(category, 'categoryName') ?? extension })),
  );
  return checks.map(({ item, category }) =>
    outcomeOf(
      extension,
      category,
      stringAt(item, 'description') ?? 'unnamed',
      durationMs / checks.length,
      resultOf(item),
      stringAt(item, 'hint'),
    ),
  );
}

function resultOf(check: unknown): CheckResult {
  const result = stringAt(check, 'result');
  if (result === 'success') return { is: 'ok' };
  const hint = stringAt(check, 'hint');
  return {
    is: result === 'warning' ? 'warning' : 'failed',
    // Linkerd's errors list what they are about on lines of their own.
    reason:
      (stringAt(check, 'error') ?? '')
        .trim()
        .replace(/:\s*\n\s*\*\s*/g, ': ')
        .replace(/\s*\n\s*(?:\*\s*)?/g, '; ') || 'The extension gave no reason.',
    ...(hint === undefined ? {} : { hint: `See ${hint}` }),
  };
}

function notFound(extension: string, docs: string): CheckOutcome {
  return outcomeOf(extension, extension, 'The command of the extension exists.', 0, {
    is: 'warning',
    reason: `The cluster has the extension, but no program "${extension}" is on your PATH, so that it was not asked.`,
    hint: `Install "${extension}", or leave it out with --skip ${extension}. See ${docs}`,
  });
}

function outcomeOf(
  extension: string,
  category: string,
  title: string,
  durationMs: number,
  result: CheckResult,
  docs?: string,
): CheckOutcome {
  return {
    check: {
      id: `${slug(extension)}/${slug(title)}`,
      category: slug(category),
      title,
      why: 'The extension says so.',
      ...(docs?.startsWith('https://') ? { docs } : {}),
      run: async () => result,
    },
    result,
    durationMs,
  };
}

const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '') || 'unnamed';

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
