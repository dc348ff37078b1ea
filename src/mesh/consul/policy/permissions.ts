/** Permissions of an intention: what they ask of a request of HTTP. */
import type { AuthzRequest, Condition } from '../../../model/authz.ts';
import { booleanAt, itemsAt, stringAt, stringsAt } from '../../../model/body.ts';
import type { Body } from '../../../model/resource.ts';

/** `allow GET /items* with header x-team`. */
export function permissionText(permission: Body): string {
  const methods = stringsAt(permission, 'http', 'methods').map(({ value }) => value);
  const [exact, prefix, regex] = ['pathExact', 'pathPrefix', 'pathRegex'].map((field) => stringAt(permission, 'http', field));
  const headers = itemsAt(permission, 'http', 'header').map(({ item }) => stringAt(item, 'name') ?? '');
  const what = [
    ...(methods.length === 0 ? [] : [methods.join(',')]),
    ...(exact === undefined ? [] : [exact]),
    ...(prefix === undefined ? [] : [`${prefix}*`]),
    ...(regex === undefined ? [] : [`~${regex}`]),
    ...(headers.length === 0 ? [] : [`with header ${headers.join(', ')}`]),
  ].join(' ');
  return `${stringAt(permission, 'action') ?? 'deny'} ${what || 'everything'}`;
}

export function permissionConditions(permission: Body, { method, path, headers }: AuthzRequest): readonly Condition[] {
  const plain = path?.replace(/[?#].*$/, '');
  const condition = (field: string, value: string | undefined, option: string, fits: (value: string) => boolean): Condition => ({
    field,
    is: value === undefined ? 'open' : fits(value) ? 'yes' : 'no',
    because: value === undefined ? 'not told' : `"${value}" does not fit`,
    options: [option],
  });
  const methods = stringsAt(permission, 'http', 'methods').map(({ value }) => value.toUpperCase());
  const [exact, prefix, regex] = ['pathExact', 'pathPrefix', 'pathRegex'].map((field) => stringAt(permission, 'http', field));
  return [
    ...(methods.length === 0 ? [] : [condition('methods', method, '--method', (value) => methods.includes(value))]),
    ...(exact === undefined ? [] : [condition('pathExact', plain, '--path', (value) => value === exact)]),
    ...(prefix === undefined ? [] : [condition('pathPrefix', plain, '--path', (value) => value.startsWith(prefix))]),
    ...(regex === undefined ? [] : [condition('pathRegex', plain, '--path', (value) => expressionFits(regex, value))]),
    ...itemsAt(permission, 'http', 'header').map(({ item }) => {
      const name = (stringAt(item, 'name') ?? '').toLowerCase();
      return condition(
        `header ${name}`,
        headers.get(name),
        `--header ${name}=…`,
        (value) => headerFits(item, value) !== (booleanAt(item, 'invert') === true),
      );
    }),
  ];
}

/** A header that is not sent is empty. */
function headerFits(match: Body, value: string): boolean {
  if (booleanAt(match, 'present') === true) return value !== '';
  const fold = (text: string): string => (booleanAt(match, 'ignoreCase') === true ? text.toLowerCase() : text);
  const own = fold(value);
  const [exact, prefix, suffix, contains, regex] = ['exact', 'prefix', 'suffix', 'contains', 'regex'].map((field) =>
    stringAt(match, field),
  );
  if (exact !== undefined) return own === fold(exact);
  if (prefix !== undefined) return own.startsWith(fold(prefix));
  if (suffix !== undefined) return own.endsWith(fold(suffix));
  if (contains !== undefined) return own.includes(fold(contains));
  return regex === undefined || expressionFits(regex, value);
}

/** Expressions are RE2; one that JavaScript cannot read fits nothing. */
function expressionFits(expression: string, value: string): boolean {
  try {
    return new RegExp(`^(?:${expression})$`).test(value);
  } catch {
    return false;
  }
}
