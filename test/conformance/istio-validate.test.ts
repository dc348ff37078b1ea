/** istioctl's validate cases: what it refuses gets an error, what it warns of a warning. It takes every Service for one of Istio. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { main } from '../../src/cli.ts';
import { memoryHost } from '../../src/host/memory.ts';

interface ResourceCase {
  readonly name: string;
  readonly valid: boolean;
  readonly warn: boolean;
  readonly input: string;
}

interface CommandCase {
  readonly name: string;
  readonly args: readonly string[];
  readonly wantError: boolean;
}

type TestFile = string | Readonly<Record<string, string>>;

const source = fileURLToPath(new URL('../../../shared/cases/istio-validate/cases.json', import.meta.url));
const {
  validateResource,
  validateCommand,
  testFiles,
}: {
  readonly validateResource: readonly ResourceCase[];
  readonly validateCommand: readonly CommandCase[];
  readonly testFiles: Readonly<Record<string, TestFile>>;
} = existsSync(source) ? JSON.parse(readFileSync(source, 'utf8')).cases : { validateResource: [], validateCommand: [], testFiles: {} };

/** Where this tool decides otherwise on purpose. */
const DIFFERENT: ReadonlyMap<string, string> = new Map([
  ['skip validating service', 'an object without apiVersion is none that a cluster could take'],
]);

/** What istioctl refuses a Service for is no fault to Istio, which then detects the protocol; here it is said as an info or warning. */
const PORT_NAMES = ['IST0118', 'IST0150'];

interface ReportedFinding {
  readonly rule: string;
  readonly severity: string;
  readonly aliases: readonly string[];
}

interface Answer {
  readonly exit: number;
  readonly findings: readonly ReportedFinding[];
}

async function analyze(inputs: readonly string[], files: Readonly<Record<string, string>>): Promise<Answer> {
  const host = memoryHost({ args: ['analyze', '--mesh', 'istio', '-o', 'json', ...inputs], files });
  const exit = await main(host);
  return { exit, findings: host.stdout() === '' ? [] : JSON.parse(host.stdout()).findings };
}

const isRefused = ({ exit, findings }: Answer): boolean =>
  exit !== 0 || findings.some(({ severity, aliases }) => severity === 'error' || PORT_NAMES.some((code) => aliases.includes(code)));

/** Warnings of the webhook; those of other analyzers are about more than the object. */
const isWarned = ({ findings }: Answer): boolean =>
  findings.some(({ severity, aliases }) => severity === 'warning' && aliases.includes('IST0133'));

describe.skipIf(validateResource.length === 0)('istioctl validate', () => {
  const own = <T extends { readonly name: string }>(cases: readonly T[]): readonly T[] => cases.filter(({ name }) => !DIFFERENT.has(name));

  it.each(own(validateResource))('of an object: $name', async ({ input, valid, warn }) => {
    const answer = await analyze(['input.yaml'], { 'input.yaml': input });
    expect({ refused: isRefused(answer), warned: isWarned(answer) }).toEqual({ refused: !valid, warned: warn });
  });

  it.each(own(validateCommand))('of files: $name', async ({ args, wantError }) => {
    const answer = await analyze(inputsOf(args), filesOf(args));
    expect(isRefused(answer)).toBe(wantError);
  });

  it('names only cases that exist as left out', () => {
    const names = new Set([...validateResource, ...validateCommand].map(({ name }) => name));
    expect([...DIFFERENT.keys()].filter((name) => !names.has(name))).toEqual([]);
  });
});

const REFERENCE = /^\{\{(\w+\/?)\}\}$/;

/** The arguments without `--filename`: analyze takes files as they are. */
function inputsOf(args: readonly string[]): readonly string[] {
  return args.filter((arg) => arg !== '--filename').map((arg) => pathOf(REFERENCE.exec(arg)?.[1] ?? arg));
}

function pathOf(name: string): string {
  if (name.endsWith('/')) return name.slice(0, -1);
  return typeof testFiles[name] === 'string' ? `${name}.${/JSON/.test(name) ? 'json' : 'yaml'}` : name;
}

function filesOf(args: readonly string[]): Readonly<Record<string, string>> {
  const files = args.flatMap((arg): readonly (readonly [string, string])[] => {
    const name = REFERENCE.exec(arg)?.[1];
    const file = name === undefined ? undefined : testFiles[name];
    if (name === undefined || file === undefined) return [];
    if (typeof file === 'string') return [[pathOf(name), file]];
    return Object.entries(file).map(([inner, text]) => [`${pathOf(name)}/${inner}`, text] as const);
  });
  return Object.fromEntries(files);
}
