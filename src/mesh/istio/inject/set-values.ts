/** Chart values that the user sets one by one, by their paths. */
import { isBody } from '../../../model/body.ts';
import type { Body } from '../../../model/resource.ts';

/** @param settings those whose names have dots are paths of values: `global.proxy.logLevel` */
export function withSetValues(values: Body, settings: Readonly<Record<string, unknown>>): Body {
  const paths = Object.entries(settings).filter(([name, value]) => name.includes('.') && value !== undefined);
  return paths.reduce((result, [name, value]) => withValue(result, name.split('.'), typed(value)), values);
}

function withValue(values: Body, [step = '', ...rest]: readonly string[], value: unknown): Body {
  const below = values[step];
  return { ...values, [step]: rest.length === 0 ? value : withValue(isBody(below) ? below : {}, rest, value) };
}

/** As Helm takes `--set`: booleans, integers and null are no texts. */
function typed(value: unknown): unknown {
  if (value === 'true' || value === 'false') return value === 'true';
  if (value === 'null') return null;
  return typeof value === 'string' && /^-?(?:0|[1-9]\d{0,14})$/.test(value) ? Number(value) : value;
}
