/** What people take to be a field of a kind, and the field that does what they mean. */
import type { FieldPath, Kind } from '../model/resource.ts';
import { pathText } from '../text/field-path.ts';

interface Mistake {
  readonly of: Kind;
  /** With `[]` for items of lists. */
  readonly field: string;
  /** One sentence. */
  readonly meant: string;
}

const TELEMETRY: Kind = 'telemetry.istio.io/Telemetry';

const MISTAKES: readonly Mistake[] = [
  { of: TELEMETRY, field: 'spec.metrics[].name', meant: 'A metric is chosen by "overrides[].match.metric".' },
  { of: TELEMETRY, field: 'spec.metrics[].dimensions', meant: 'Dimensions are set by "overrides[].tagOverrides".' },
];

/** @returns what was probably meant by a field that does not exist */
export function meantBy(kind: Kind): (path: FieldPath) => string | undefined {
  const known = MISTAKES.filter(({ of }) => of === kind);
  if (known.length === 0) return () => undefined;
  return (path) => known.find(({ field }) => field === withoutIndexes(path))?.meant;
}

/** `spec.http[].corsPolicy` */
export const withoutIndexes = (path: FieldPath): string => pathText(path).replace(/\[\d+\]/g, '[]');
