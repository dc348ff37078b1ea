/** The configuration file `meshctl.yaml`: read strictly, so that a misspelt setting is an error and not ignored. */
import { MeshctlError } from '../errors.ts';
import { isBody } from '../model/body.ts';
import type { Body, FieldPath } from '../model/resource.ts';
import type { MeshId, Severity } from '../model/rule.ts';
import { lineIndex } from '../text/lines.ts';
import { nearest } from '../text/nearest.ts';
import { locateInYaml, parseYaml, YamlProblem } from '../text/yaml.ts';
import type { Override } from './overrides.ts';
import type { Suppression } from './suppress.ts';

export type FailOn = Severity | 'never';
const FAIL_ON: readonly FailOn[] = ['error', 'warning', 'info', 'never'];
export const SEVERITIES: readonly Severity[] = ['error', 'warning', 'info'];
const MESHES: readonly ('auto' | MeshId)[] = ['auto', 'istio', 'linkerd', 'kuma', 'consul', 'osm', 'appmesh'];

/** The `analyze` section of `meshctl.yaml`. Every setting is optional; flags win over it. */
export interface AnalyzeConfig {
  complete?: boolean;
  failOn?: FailOn;
  minSeverity?: Severity;
  mesh?: 'auto' | MeshId;
  clusterDomain?: string;
  rootNamespace?: string;
  revision?: string;
  /** Paths are relative to the configuration file. */
  meshConfig?: string;
  meshNetworks?: string;
  baseline?: string;
  include?: readonly string[];
  exclude?: readonly string[];
  rules?: Readonly<Record<string, Severity | 'off'>>;
  overrides?: readonly Override[];
  suppress?: readonly ConfiguredSuppression[];
}

export interface ConfiguredSuppression extends Suppression {
  /** The day on which it ended; absent while it holds. */
  readonly ended?: string;
}

type Fail = (path: FieldPath, message: string) => never;

type Reader<T> = (value: unknown, path: FieldPath, fail: Fail) => T;

const text: Reader<string> = (value, path, fail) => (typeof value === 'string' ? value : fail(path, 'must be a text'));

const flag: Reader<boolean> = (value, path, fail) => (typeof value === 'boolean' ? value : fail(path, 'must be true or false'));

const texts: Reader<readonly string[]> = (value, path, fail) =>
  Array.isArray(value) ? value.map((entry, index) => text(entry, [...path, index], fail)) : fail(path, 'must be a list of texts');

function oneOf<T extends string>(values: readonly T[]): Reader<T> {
  return (value, path, fail) =>
    values.find((known) => known === value) ?? fail(path, `is ${JSON.stringify(value)}, but must be one of ${values.join(', ')}`);
}

const severities: Reader<Readonly<Record<string, Severity | 'off'>>> = (value, path, fail) => {
  if (!isBody(value)) return fail(path, 'must map rules to error, warning, info or off');
  // `off` without quotes is a boolean in YAML 1.1.
  const level = (entry: unknown): unknown => (entry === false ? 'off' : entry);
  const read = oneOf<Severity | 'off'>([...SEVERITIES, 'off']);
  return Object.fromEntries(Object.entries(value).map(([rule, entry]) => [rule, read(level(entry), [...path, rule], fail)]));
};

const overrides: Reader<readonly Override[]> = (value, path, fail) => {
  if (!Array.isArray(value)) return fail(path, 'must be a list');
  return value.map((entry, index): Override => {
    const at = [...path, index];
    if (!isBody(entry)) return fail(at, 'must have paths, and may have rules and failOn');
    rejectUnknown(entry, ['paths', 'rules', 'failOn'], at, fail);
    if (entry['paths'] === undefined) fail(at, 'has no paths');
    const paths = texts(entry['paths'], [...at, 'paths'], fail);
    if (paths.length === 0) fail([...at, 'paths'], 'names no path');
    return {
      paths,
      ...(entry['rules'] !== undefined && { rules: severities(entry['rules'], [...at, 'rules'], fail) }),
      ...(entry['failOn'] !== undefined && { failOn: oneOf(FAIL_ON)(entry['failOn'], [...at, 'failOn'], fail) }),
    };
  });
};

function suppressions(source: string, now: number): Reader<readonly ConfiguredSuppression[]> {
  return (value, path, fail) => {
    if (!Array.isArray(value)) return fail(path, 'must be a list');
    return value.map((entry, index): ConfiguredSuppression => {
      const at = [...path, index];
      if (!isBody(entry)) return fail(at, 'must have a rule, and may have a resource, path, reason and until');
      rejectUnknown(entry, ['rule', 'resource', 'path', 'reason', 'until'], at, fail);
      const optional = (name: string): string | undefined =>
        entry[name] === undefined ? undefined : text(entry[name], [...at, name], fail);
      if (entry['rule'] === undefined) fail(at, 'has no rule');
      const until = optional('until');
      const end = until === undefined ? undefined : Date.parse(until);
      if (Number.isNaN(end)) fail([...at, 'until'], 'must be a date such as 2027-01-31');
      const rule = text(entry['rule'], [...at, 'rule'], fail);
      const by = `${source}: analyze.suppress[${index}]`;
      const ended = until !== undefined && end !== undefined && end <= now;
      return {
        rule,
        resource: optional('resource'),
        path: optional('path'),
        reason: optional('reason'),
        by,
        ...(ended && { ended: until }),
      };
    });
  };
}

function rejectUnknown(value: Body, known: readonly string[], path: FieldPath, fail: Fail): void {
  for (const name of Object.keys(value)) {
    if (known.includes(name)) continue;
    const close = nearest(name, known);
    fail([...path, name], `is not a setting${close ? `; did you mean "${close}"?` : `; the settings here are ${known.join(', ')}`}`);
  }
}

/**
 * @param now milliseconds since the epoch; suppressions that ended before it say so
 * @throws MeshctlError E_CONFIG with file, line and column for anything that is not understood
 */
export function parseConfig(content: string, source: string, now: number): AnalyzeConfig {
  let parsed: unknown;
  try {
    parsed = parseYaml(content);
  } catch (error) {
    if (!(error instanceof YamlProblem)) throw error;
    throw new MeshctlError('E_CONFIG', `${source}:${error.line}:${error.column}: ${error.message}`);
  }
  if (parsed === undefined) return {};
  const fail: Fail = (path, message) => {
    const range = locateInYaml(content).find(path);
    const { line, column } = lineIndex(content).place((range.key ?? range.value).start);
    const subject = path.length === 0 ? 'The file' : `"${path.join('.')}"`;
    throw new MeshctlError('E_CONFIG', `${source}:${line}:${column}: ${subject} ${message}${message.endsWith('?') ? '' : '.'}`);
  };
  if (!isBody(parsed)) return fail([], 'must be a mapping');
  rejectUnknown(parsed, ['apiVersion', 'kind', 'analyze'], [], fail);
  if (parsed['apiVersion'] !== undefined) oneOf(['meshctl.dev/v1'])(parsed['apiVersion'], ['apiVersion'], fail);
  if (parsed['kind'] !== undefined) oneOf(['Config'])(parsed['kind'], ['kind'], fail);
  const section = parsed['analyze'] ?? {};
  if (!isBody(section)) return fail(['analyze'], 'must be a mapping');

  const readers: { readonly [Setting in keyof AnalyzeConfig]-?: Reader<NonNullable<AnalyzeConfig[Setting]>> } = {
    complete: flag,
    failOn: oneOf(FAIL_ON),
    minSeverity: oneOf(SEVERITIES),
    mesh: oneOf(MESHES),
    clusterDomain: text,
    rootNamespace: text,
    revision: text,
    meshConfig: text,
    meshNetworks: text,
    baseline: text,
    include: texts,
    exclude: texts,
    rules: severities,
    overrides,
    suppress: suppressions(source, now),
  };
  rejectUnknown(section, Object.keys(readers), ['analyze'], fail);
  const entries = Object.entries(section).map(([name, value]) => {
    const read = readers[name as keyof AnalyzeConfig] as Reader<unknown>;
    return [name, read(value, ['analyze', name], fail)] as const;
  });
  return Object.fromEntries(entries);
}
