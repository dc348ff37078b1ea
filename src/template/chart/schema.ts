/**
 * Values against `values.schema.json` of a chart and of its dependencies, drafts 4 to 2020-12 as Helm takes them. What
 * lies outside the schema is not fetched, and formats are not judged. To be imported when a chart has a schema, since
 * ajv takes its time to load.
 * @see https://helm.sh/docs/topics/charts/#schema-files
 */
import { Ajv, type AnySchemaObject, type ErrorObject, type Options } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { MeshctlError } from '../../errors.ts';
import { expression as re2 } from '../../text/re2.ts';
import { quotedList } from '../../text/words.ts';
import { toValues } from '../set/values.ts';
import { type GoMap, isMap } from '../value.ts';
import type { Chart } from './chart.ts';

/** @throws MeshctlError E_VALUES with every value that does not fit, and E_CHART for a schema that cannot be read */
export function assertFitting(chart: Chart, values: GoMap): void {
  const problems = problemsOf(chart, values, '');
  if (problems.length === 0) return;
  const shown = problems.slice(0, MOST_PROBLEMS).join(' ');
  const more = problems.length > MOST_PROBLEMS ? ` And ${problems.length - MOST_PROBLEMS} more.` : '';
  throw new MeshctlError('E_VALUES', `The values do not fit the schema of the chart. ${shown}${more}`, {
    hint: 'Look at the values.yaml of the chart for what it takes.',
  });
}

/** More are of no help. */
const MOST_PROBLEMS = 10;

/** @param path of the chart's values, with a dot at its end */
function problemsOf(chart: Chart, values: GoMap, path: string): readonly string[] {
  const own = chart.schema === undefined ? [] : errorsOf(chart, chart.schema, values).map((error) => sentence(chart, error, path));
  const below = chart.subcharts.flatMap((subchart) => {
    const inner = values.get(subchart.name);
    return isMap(inner) ? problemsOf(subchart, inner, `${path}${subchart.name}.`) : [];
  });
  return [...new Set([...own, ...below])];
}

/** ajv tells patterns apart by how they print. */
function expression(pattern: string): { readonly test: (text: string) => boolean; readonly toString: () => string } {
  return { test: re2(pattern).isIn, toString: () => pattern };
}

const OPTIONS: Options = {
  allErrors: true,
  strict: false,
  validateFormats: false,
  logger: false,
  // Patterns come from strangers, and JavaScript's own take exponential time.
  code: { regExp: Object.assign(expression, { code: 'RegExp' }) },
};

function errorsOf(chart: Chart, source: string, values: GoMap): readonly ErrorObject[] {
  try {
    const schema: unknown = JSON.parse(source);
    const validate = compilerFor(schema).compile(schema as AnySchemaObject);
    validate(toValues(values));
    return (validate.errors ?? []).filter(({ keyword }) => !WRAPPERS.has(keyword));
  } catch (error) {
    throw new MeshctlError('E_CHART', `values.schema.json of the chart "${chart.name}" cannot be used: ${reasonOf(error)}.`, {
      cause: error,
    });
  }
}

/** They only say that something inside them fails. */
const WRAPPERS: ReadonlySet<string> = new Set(['if', 'allOf', 'propertyNames']);

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message.replace(/\.$/, '') : String(error));

/** What no draft is named for is the newest one. */
function compilerFor(schema: unknown): Ajv {
  const named = typeof schema === 'object' && schema !== null && '$schema' in schema ? String(schema.$schema) : '';
  const [, draft] = /draft-?\/?(0[4-7]|2019-09)/.exec(named) ?? [];
  const whole = schema as { $schema?: string };
  if (draft === undefined) {
    // The bare name of JSON Schema is an alias of the newest draft, which ajv does not know.
    if (!named.includes('2020-12') && named !== '') delete whole.$schema;
    return new Ajv2020(OPTIONS);
  }
  if (draft === '2019-09') return new Ajv2019(OPTIONS);
  delete whole.$schema;
  if (draft === '04') modernize(schema);
  return new Ajv(OPTIONS);
}

/** Draft 4 says `id` for `$id`, and whether a bound is exclusive apart from the bound. */
function modernize(schema: unknown): void {
  if (typeof schema !== 'object' || schema === null) return;
  const map = schema as Record<string, unknown>;
  for (const [flag, bound] of BOUNDS) {
    if (map[flag] === true && typeof map[bound] === 'number') {
      map[flag] = map[bound];
      delete map[bound];
    } else if (typeof map[flag] === 'boolean') delete map[flag];
  }
  if (typeof map.id === 'string' && !('$id' in map)) {
    map.$id = map.id;
    delete map.id;
  }
  for (const inner of Object.values(map)) modernize(inner);
}

const BOUNDS = [
  ['exclusiveMinimum', 'minimum'],
  ['exclusiveMaximum', 'maximum'],
] as const;

/** Types are told, values are not: they may be secrets. */
function sentence(chart: Chart, { instancePath, keyword, params, message = '' }: ErrorObject, path: string): string {
  const at = (inner = ''): string => `"${path}${fieldPath(instancePath)}${inner}"`.replace(/\."$/, '"').replace(/^""$/, 'the whole');
  const child = (name: string): string => at(`${instancePath === '' ? '' : '.'}${name}`);
  const told = ((): string => {
    switch (keyword) {
      case 'required':
        return `${child(String(params.missingProperty))} is missing.`;
      case 'additionalProperties':
        return `${child(String(params.additionalProperty))} is not known.`;
      case 'unevaluatedProperties':
        return `${child(String(params.unevaluatedProperty))} is not known.`;
      case 'type':
        return `${at()} must be ${[params.type].flat().join(' or ')}.`;
      case 'enum':
        return `${at()} must be one of ${quotedList((params.allowedValues as readonly unknown[]).map(String), 12)}.`;
      case 'const':
        return `${at()} must be ${JSON.stringify(params.allowedValue)}.`;
      case 'pattern':
        return `${at()} must match the pattern "${params.pattern}".`;
      default:
        return `${at()} ${message}.`;
    }
  })();
  return `In "${chart.name}", ${told}`;
}

/** `/a/0/b` as `a[0].b`. */
const fieldPath = (pointer: string): string =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : path === '' ? part : `${path}.${part}`), '');
