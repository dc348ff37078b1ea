import { isBody } from '../../model/body.ts';
import type { Values } from '../../model/install.ts';

/** Later ones win: maps are merged, everything else is replaced. `null` stays, since it takes a chart's default away. */
export function mergeValues(...layers: readonly (Values | undefined)[]): Values {
  return layers.reduce<Values>((merged, layer) => (layer ? over(merged, layer) : merged), {});
}

function over(base: Values, layer: Values): Values {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(layer)) {
    // A key such as "__proto__" would be an assignment to something else.
    if (key === '__proto__') continue;
    const own = Object.hasOwn(merged, key) ? merged[key] : undefined;
    merged[key] = isBody(value) && isBody(own) ? over(own, value) : value;
  }
  return merged;
}
