/** Rules of VirtualServices, and of routes of the Gateway API, in words. */
import { isBody, itemsAt, numberAt, objectAt, stringAt, stringMapAt, stringsAt } from '../../../model/body.ts';
import { formatLabels } from '../../../model/labels.ts';
import type { Body } from '../../../model/resource.ts';

/** `exact /a`, `/api*`, `~expression`. */
function valueText(match: unknown): string {
  const [exact, prefix, regex] = [stringAt(match, 'exact'), stringAt(match, 'prefix'), stringAt(match, 'regex')];
  if (exact !== undefined) return exact;
  if (prefix !== undefined) return `${prefix}*`;
  return regex === undefined ? '*' : `~${regex}`;
}

/** Alternatives of a VirtualService's rule: `/api* GET end-user=jason`; `everything` without any. */
export function matchText(rule: Body): string {
  const matches = itemsAt(rule, 'match').map(({ item }) => oneMatch(item));
  return matches.length === 0 || matches.includes('') ? 'everything' : matches.join(', or ');
}

function oneMatch(match: Body): string {
  const pairs = (field: string, before: string): readonly string[] =>
    Object.entries(objectAt(match, field)).map(([name, value]) => `${before}${name}=${isBody(value) ? valueText(value) : String(value)}`);
  const port = numberAt(match, 'port');
  const plain = (field: string, before = ''): readonly string[] => (isBody(match[field]) ? [`${before}${valueText(match[field])}`] : []);
  const listed = (field: string, title: string): readonly string[] => {
    const values = stringsAt(match, field).map(({ value }) => value);
    return values.length === 0 ? [] : [`${title} ${values.join(',')}`];
  };
  const labels = stringMapAt(match, 'sourceLabels');
  const from = stringAt(match, 'sourceNamespace');
  return [
    ...plain('uri'),
    ...plain('method'),
    ...plain('authority', 'host '),
    ...plain('scheme'),
    ...pairs('headers', ''),
    ...pairs('withoutHeaders', '!'),
    ...pairs('queryParams', '?'),
    ...listed('sniHosts', 'SNI'),
    ...listed('destinationSubnets', 'to'),
    ...(port === undefined ? [] : [`port ${port}`]),
    ...(Object.keys(labels).length === 0 ? [] : [`from ${formatLabels(labels)}`]),
    ...(from === undefined ? [] : [`from namespace ${from}`]),
    ...listed('gateways', 'at'),
  ].join(' ');
}

/** Where a rule sends requests, and what it does besides. */
export function actionText(rule: Body): string {
  const routes = itemsAt(rule, 'route').map(({ item }) => item);
  const redirect = objectAt(rule, 'redirect');
  const direct = numberAt(rule, 'directResponse', 'status');
  const delegate = stringAt(rule, 'delegate', 'name');
  const extras = [
    ...(stringAt(rule, 'timeout') === undefined ? [] : [`timeout ${stringAt(rule, 'timeout')}`]),
    ...(numberAt(rule, 'retries', 'attempts') === undefined ? [] : [`${numberAt(rule, 'retries', 'attempts')} retries`]),
    ...(isBody(rule['fault']) ? ['fault injected'] : []),
    ...(isBody(rule['rewrite'])
      ? [`rewritten to ${stringAt(rule, 'rewrite', 'uri') ?? stringAt(rule, 'rewrite', 'authority') ?? '…'}`]
      : []),
    ...[objectAt(rule, 'mirror'), ...itemsAt(rule, 'mirrors').map(({ item }) => objectAt(item, 'destination'))].flatMap((mirror) =>
      stringAt(mirror, 'host') === undefined ? [] : [`mirrored to ${destinationText(mirror)}`],
    ),
  ];
  const where =
    routes.length > 0
      ? routes
          .map(
            (route) =>
              `${destinationText(objectAt(route, 'destination'))}${routes.length > 1 ? ` ${numberAt(route, 'weight') ?? 0}%` : ''}`,
          )
          .join(', ')
      : Object.keys(redirect).length > 0
        ? `redirected to ${stringAt(redirect, 'authority') ?? ''}${stringAt(redirect, 'uri') ?? ''}`
        : direct !== undefined
          ? `answered with ${direct}`
          : `left to VirtualService ${delegate ?? '-'}`;
  return [where, ...extras].join('; ');
}

function destinationText(destination: Body): string {
  const port = numberAt(destination, 'port', 'number');
  const subset = stringAt(destination, 'subset');
  return `${stringAt(destination, 'host') ?? ''}${port === undefined ? '' : `:${port}`}${subset === undefined ? '' : ` ${subset}`}`;
}

/** Of a rule of HTTPRoute or GRPCRoute. */
export function routeMatchText(rule: Body): string {
  const matches = itemsAt(rule, 'matches').map(({ item }) => {
    const path = stringAt(item, 'path', 'value');
    const kind = stringAt(item, 'path', 'type') ?? 'PathPrefix';
    const [service, call] = [stringAt(item, 'method', 'service'), stringAt(item, 'method', 'method')];
    const headers = itemsAt(item, 'headers').map(({ item: each }) => `${stringAt(each, 'name')}=${stringAt(each, 'value')}`);
    const query = itemsAt(item, 'queryParams').map(({ item: each }) => `?${stringAt(each, 'name')}=${stringAt(each, 'value')}`);
    return [
      ...(path === undefined ? [] : [kind === 'Exact' ? path : kind === 'RegularExpression' ? `~${path}` : `${path}*`]),
      ...(typeof item['method'] === 'string' ? [item['method']] : []),
      ...(service === undefined && call === undefined ? [] : [`/${service ?? '*'}/${call ?? '*'}`]),
      ...headers,
      ...query,
    ].join(' ');
  });
  return matches.length === 0 || matches.includes('') ? 'everything' : matches.join(', or ');
}

/** Weights are shares of their sum. */
export function backendText(rule: Body): string {
  const backends = itemsAt(rule, 'backendRefs').map(({ item }) => item);
  const weightOf = (backend: Body): number => numberAt(backend, 'weight') ?? 1;
  const total = backends.reduce((sum, backend) => sum + weightOf(backend), 0);
  if (backends.length === 0) return 'the service itself';
  return backends
    .map((backend) => {
      const namespace = stringAt(backend, 'namespace');
      const port = numberAt(backend, 'port');
      const share = backends.length > 1 && total > 0 ? ` ${Math.round((weightOf(backend) / total) * 1000) / 10}%` : '';
      return `${namespace === undefined ? '' : `${namespace}/`}${stringAt(backend, 'name') ?? ''}${port === undefined ? '' : `:${port}`}${share}`;
    })
    .join(', ');
}
