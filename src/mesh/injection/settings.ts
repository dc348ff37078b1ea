/** Values that a user gives by flags and by `--set`, as one mapping. */

import { MeshctlError } from '../../errors.ts';
import { isBody } from '../../model/body.ts';
import type { InjectParameters } from '../../model/inject.ts';
import type { Body, FieldPath } from '../../model/resource.ts';
import { parseYamlValue } from '../../text/yaml.ts';
import { withValue } from './edit.ts';

/** @param paths where the value of each flag stands; what is no flag is a path of its own: `proxy.logLevel` */
export function settingsAt(settings: Readonly<Record<string, unknown>>, paths: Readonly<Record<string, FieldPath>>): Body {
  return Object.entries(settings).reduce((values: Body, [key, value]) => {
    // An option that is not given is still known to whoever reads the command line.
    if (value === undefined) return values;
    return withValue(values, paths[key] ?? steps(key), typeof value === 'string' && !paths[key] ? typed(value) : value);
  }, {});
}

/** `a.b\.c` names `b.c` in `a`, as Helm has it. */
function steps(key: string): FieldPath {
  return key.split(/(?<!\\)\./).map((step) => step.replaceAll('\\.', '.'));
}

/** What `--set` takes for more than text. */
function typed(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  if (text === 'null') return null;
  return /^-?(?:0|[1-9]\d*)$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : text;
}

/**
 * The mapping that a file holds; empty when there is none.
 * @throws MeshctlError E_INJECT for what is no mapping
 */
export function mappingOf(file: InjectParameters['files'][string] | undefined): Body {
  if (!file) return {};
  const value = parseYamlValue(file.text) ?? {};
  if (isBody(value)) return value;
  throw new MeshctlError('E_INJECT', `"${file.path}" holds no YAML mapping.`);
}
