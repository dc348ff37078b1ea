/** What values of an AuthorizationPolicy must look like to match anything. */
import { isAddressOrNetwork } from './_addresses.ts';
import type { Flaw } from './_flaws.ts';

type ValueFault = Pick<Flaw, 'message' | 'fix'>;

export type ValueCheck = (value: string) => ValueFault | undefined;

export function filled(value: string): ValueFault | undefined {
  return value === '' ? { message: 'A value is empty.', fix: 'Write a value, or remove it; "*" stands for any.' } : undefined;
}

export function address(value: string): ValueFault | undefined {
  if (isAddressOrNetwork(value)) return undefined;
  return { message: `"${value}" is neither an IP address nor a range of them.`, fix: 'Write an address, or a range such as "10.0.0.0/8".' };
}

export function port(value: string): ValueFault | undefined {
  if (/^\d+$/.test(value) && Number(value) <= 65_535) return undefined;
  return { message: `"${value}" is not a port.`, fix: 'Write its number, in quotes.' };
}

const LONGEST_ACCOUNT = 320;

export function serviceAccount(value: string): ValueFault | undefined {
  const parts = value.split('/');
  if (parts.length <= 2 && !parts.includes('') && !value.includes('*')) return undefined;
  return { message: `"${value}" is not a service account.`, fix: 'Write "name" or "namespace/name", without wildcards.' };
}

/** In conditions, of which schemas say nothing, the length counts too. */
export function conditionAccount(value: string): ValueFault | undefined {
  const found = serviceAccount(value);
  if (found || value.length <= LONGEST_ACCOUNT) return found;
  return { message: `A service account of ${value.length} characters cannot exist.`, fix: `Write at most ${LONGEST_ACCOUNT} characters.` };
}

export function wildcard(value: string): ValueFault | undefined {
  const stars = value.split('*').length - 1;
  const isAtEdge = stars === 0 || (stars === 1 && (value.startsWith('*') || value.endsWith('*')));
  if (value !== '' && isAtEdge) return undefined;
  return {
    message: value === '' ? 'A value is empty.' : `"${value}" has a wildcard that is not at one end.`,
    fix: 'Write a name, with "*" at its start or end only.',
  };
}

export function trustDomain(value: string): ValueFault | undefined {
  return (
    wildcard(value) ??
    (value.includes('/')
      ? { message: `"${value}" is no trust domain: it has a slash.`, fix: 'Write the trust domain alone, such as "cluster.local".' }
      : undefined)
  );
}

/** One segment, and any number of them. */
const ONE = '{*}';
const ANY = '{**}';
const LITERAL = /^[a-zA-Z0-9\-._~%!$&'()+,;:@=]+$/;

/** @see https://istio.io/latest/docs/reference/config/security/authorization-policy/#Operation */
export function pathTemplate(value: string): ValueFault | undefined {
  if (value === '') return filled(value);
  const segments = value.replace(/^\/+|\/+$/g, '').split('/');
  const isTemplate = value.includes(ONE) || value.includes(ANY);
  const any = segments.indexOf(ANY);
  const problem =
    any >= 0 && segments.slice(any + 1).some((segment) => segment === ONE || segment === ANY)
      ? `"${ANY}" must be the last of its wildcards`
      : segments.map((segment) => segmentProblem(segment, isTemplate)).find(Boolean);
  if (!problem) return undefined;
  return {
    message: `Path "${value}" cannot be matched: ${problem}.`,
    fix: `Write "${ONE}" for one segment and "${ANY}" for any number, each between slashes.`,
  };
}

function segmentProblem(segment: string, isTemplate: boolean): string | undefined {
  if (segment === ONE || segment === ANY) return undefined;
  if (/[{}]/.test(segment)) return `segment "${segment}" has a brace`;
  if (!isTemplate || LITERAL.test(segment)) return undefined;
  return segment === '' ? 'a segment is empty' : `segment "${segment}" has a character that stands for itself in no template`;
}
