/** What applying changes in an object, as a person reads it. */
import { objectAt } from '../model/body.ts';
import type { Body } from '../model/resource.ts';
import { diffText } from '../text/line-diff.ts';
import { writeYaml } from '../text/yaml-write.ts';

/** Fields that the API server keeps, and that say nothing of what was wanted. */
const KEPT_BY_SERVER = [
  'managedFields',
  'resourceVersion',
  'uid',
  'generation',
  'creationTimestamp',
  'selfLink',
  'deletionGracePeriodSeconds',
];

/** @returns lines behind a blank, `+` or `-`; empty when nothing changes. Values of Secrets are not in it. */
export function difference(before: Body | undefined, after: Body): string {
  const [old, next] = redacted(before && plain(before), plain(after));
  return diffText(old === undefined ? '' : writeYaml(old), writeYaml(next));
}

function plain(body: Body): Body {
  const { status: _status, ...rest } = body;
  const metadata = Object.fromEntries(Object.entries(objectAt(body, 'metadata')).filter(([key]) => !KEPT_BY_SERVER.includes(key)));
  return ordered({ ...rest, metadata }) as Body;
}

/** Keys in one order: servers and charts have each their own. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, inner]) => [key, ordered(inner)]),
  );
}

function redacted(before: Body | undefined, after: Body): readonly [Body | undefined, Body] {
  if (after['kind'] !== 'Secret') return [before, after];
  const hidden = (body: Body, other: Body | undefined, word: string): Body => ({
    ...body,
    ...Object.fromEntries(
      ['data', 'stringData']
        .filter((field) => body[field] !== undefined)
        .map((field) => {
          const theirs = objectAt(other, field);
          const entries = Object.entries(objectAt(body, field)).map(([key, value]) => [
            key,
            other === undefined || theirs[key] !== value ? word : '(hidden)',
          ]);
          return [field, Object.fromEntries(entries)];
        }),
    ),
  });
  return [before && hidden(before, after, '(hidden, before)'), hidden(after, before, before ? '(hidden, changed)' : '(hidden)')];
}
