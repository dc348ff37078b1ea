/** Types that a configuration of an extension says to be of. */
import { nearest } from '../text/nearest.ts';
import { quotedList } from '../text/words.ts';
import { scalarNamed } from './message-scalars.ts';
import { type Messages, messageOf } from './messages.ts';

/** Messages that proxies exchange with servers, and those of other projects: they configure nothing, and are not held here. */
const NOT_HELD = /^(?:google|envoy\.(?:admin|data|service)|cel|grpc|io\.prometheus|opentelemetry|validate|xds)\./;

/** What there is to say against the name of a type; nothing for a known one. */
export function unknownType(name: string, known: Messages): { readonly message: string; readonly fix: string } | undefined {
  const { messages, source, takenAt } = known;
  if (messageOf(known, name) || scalarNamed(name)) return undefined;
  const fix = `Name a type of API v3, such as "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua".`;
  if (name === '') return { message: 'The type of a configuration is empty.', fix };
  const isOld = /\.v2(?:alpha\d*)?\./.test(name);
  if (!isOld && NOT_HELD.test(name)) return undefined;
  const meant = nearest(name, Object.keys(messages)) ?? namesake(name, Object.keys(messages));
  return {
    message: isOld
      ? `Type "${name}" belongs to API v2, which Envoy and istiod no longer know.`
      : `Type "${name}" does not exist (${source}, ${takenAt}).`,
    fix: meant === undefined ? (siblingsOf(name, Object.keys(messages)) ?? fix) : `Did you mean "${meant}"?`,
  };
}

/** The types of the package that the name has. Those inside of others are of no use by themselves. */
function siblingsOf(name: string, known: readonly string[]): string | undefined {
  const scope = name.slice(0, name.lastIndexOf('.') + 1);
  const siblings = known.filter((candidate) => candidate.startsWith(scope) && !candidate.slice(scope.length).includes('.'));
  return scope === '' || siblings.length === 0 ? undefined : `Types of that package are ${quotedList(siblings)}.`;
}

/** A type of the same name in another package, where it is the only one, or the only one whose package has most words in common. */
function namesake(name: string, known: readonly string[]): string | undefined {
  const words = new Set(name.split('.'));
  const last = name.slice(name.lastIndexOf('.'));
  const scored = known
    .filter((candidate) => candidate.endsWith(last))
    .map((candidate) => ({ candidate, common: candidate.split('.').filter((word) => words.has(word)).length }))
    .sort((a, b) => b.common - a.common);
  const [best, second] = scored;
  return best && best.common !== second?.common ? best.candidate : undefined;
}
