/**
 * Names as istiod lets them pass. Letters may be large, unlike in Kubernetes.
 * A function named `…Problem` gives a clause that says what is wrong (`label "a_b" is …`), or undefined.
 */

const LABEL = /^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$/;
/** The first label of a host may be a wildcard, or start with one. */
const WILDCARD_LABEL = /^(?:\*|(?:\*|\*-)?[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?)$/;
const MAX_LABEL = 63;
const MAX_NAME = 255;

export function isDnsLabel(text: string): boolean {
  return text.length <= MAX_LABEL && LABEL.test(text);
}

/** What keeps the text from being a full DNS name; names of one label pass, and so does a dot at the end. */
export function nameProblem(name: string): string | undefined {
  return lengthProblem(name) ?? labelsProblem(name);
}

/** The same for names whose first label may be a wildcard. */
export function hostProblem(host: string): string | undefined {
  const problem = lengthProblem(host);
  if (problem) return problem;
  const dot = host.indexOf('.');
  const first = dot < 0 ? host : host.slice(0, dot);
  if (first.length > MAX_LABEL || !WILDCARD_LABEL.test(first)) return labelProblem(first);
  return dot < 0 ? undefined : labelsProblem(host.slice(dot + 1));
}

/** True for `*foo.com`; istiod wants whole labels replaced, as in `*.foo.com`. */
export function isPartialWildcard(host: string): boolean {
  return host.includes('*') && host.length > 1 && !host.startsWith('*.');
}

function lengthProblem(name: string): string | undefined {
  if (name === '') return 'it is empty';
  return name.length > MAX_NAME ? `it has ${name.length} characters, more than ${MAX_NAME}` : undefined;
}

function labelsProblem(name: string): string | undefined {
  const labels = name.split('.');
  const last = labels.at(-1) ?? '';
  if (/^[+-]?\d+$/.test(last)) return `its last label "${last}" is a number`;
  const wrong = labels.find((label, index) => !isDnsLabel(label) && !(label === '' && index === labels.length - 1));
  return wrong === undefined ? undefined : labelProblem(wrong);
}

function labelProblem(label: string): string {
  if (label === '') return 'one of its labels is empty';
  if (label.length > MAX_LABEL) return `its label "${label}" has more than ${MAX_LABEL} characters`;
  return `its label "${label}" is not made of letters and digits with dashes between them`;
}

const QUALIFIED = /^(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const MAX_PREFIX = 253;

/** What keeps a text from being the key of a Kubernetes label. */
export function labelKeyProblem(key: string): string | undefined {
  const slash = key.indexOf('/');
  const name = key.slice(slash + 1);
  if (slash > MAX_PREFIX || name.length > MAX_LABEL) return 'it is too long';
  const prefixIsRight =
    slash < 0 ||
    key
      .slice(0, slash)
      .split('.')
      .every((label) => LABEL.test(label));
  return prefixIsRight && QUALIFIED.test(name) ? undefined : 'it has characters that keys must not have';
}

/** Values may be empty. Their length is not looked at. */
export function isLabelValue(value: string): boolean {
  return value === '' || QUALIFIED.test(value);
}
