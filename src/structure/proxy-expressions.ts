/** Fields with an expression that proxies evaluate. Definitions know them as texts only; istiod takes none that cannot be parsed. */
import { itemsAt, stringAt } from '../model/body.ts';
import type { FieldPath, Resource } from '../model/resource.ts';

export interface ProxyExpression {
  readonly path: FieldPath;
  readonly text: string;
}

const TELEMETRY = 'telemetry.istio.io/Telemetry';

/** @see https://istio.io/latest/docs/reference/config/telemetry/#AccessLogging-Filter */
export function proxyExpressions({ kind, body }: Resource): readonly ProxyExpression[] {
  if (kind !== TELEMETRY) return [];
  return itemsAt(body, 'spec', 'accessLogging').flatMap(({ item, path }) => {
    const text = stringAt(item, 'filter', 'expression');
    return text === undefined ? [] : [{ path: [...path, 'filter', 'expression'], text }];
  });
}
