/** What a filter chain of a listener takes. */
import { field, items, number, text, texts } from './fields.ts';
import { rangeText } from './match-text.ts';
import type { Condition } from './matcher.ts';

/** The ALPN that Istio's proxies speak among themselves, and what clients of plain protocols offer. */
const PROTOCOLS: readonly (readonly [name: string, alpn: readonly string[]])[] = [
  ['HTTP', ['http/1.1', 'h2c']],
  ['HTTP TLS', ['http/1.1', 'h2']],
  ['Istio HTTP Plain', ['istio', 'istio-http/1.0', 'istio-http/1.1', 'istio-h2']],
  ['TCP TLS', ['istio-peer-exchange', 'istio']],
  ['Istio HTTP and TCP', ['istio', 'istio-peer-exchange', 'istio-http/1.0', 'istio-http/1.1', 'istio-h2']],
];

function protocolsText(alpn: readonly string[]): string {
  const known = PROTOCOLS.find(([, each]) => each.length === alpn.length && each.every((one) => alpn.includes(one)));
  return known ? known[0] : alpn.join(',');
}

/** `Trans: tls; SNI: shop.example.com; Addr: *:9080`; `ALL` when it asks for nothing. */
export function matchText(match: unknown): string {
  const ranges = items(match, 'prefix_ranges').map(rangeText);
  const suffix = text(match, 'address_suffix');
  const sourceType = text(match, 'source_type');
  return partsText({
    transport: text(match, 'transport_protocol'),
    names: texts(match, 'server_names'),
    protocols: texts(match, 'application_protocols'),
    ranges: suffix === undefined ? ranges : [...ranges, `*${suffix}/${number(match, 'suffix_len') ?? 0}`],
    port: number(match, 'destination_port'),
    sources: items(match, 'source_prefix_ranges').map(rangeText),
    others: [
      ...given('From directly', items(match, 'direct_source_prefix_ranges').map(rangeText)),
      ...given('From ports', numbers(match, 'source_ports')),
      ...(sourceType === 'SAME_IP_OR_LOOPBACK' ? ['From: this host'] : sourceType === 'EXTERNAL' ? ['From: other hosts'] : []),
    ],
  });
}

/** Ways through a tree to the same chain. Those that differ in the protocol alone, of which each has a way of its own, are one. */
export function waysText(ways: readonly (readonly Condition[])[]): string {
  const merged = new Map<string, Condition[]>();
  for (const way of ways) {
    const isProtocol = ({ input }: Condition): boolean => input === 'ApplicationProtocol';
    const others = way.filter((each) => !isProtocol(each));
    // One that takes any protocol stays apart.
    const key = JSON.stringify([others, way.length === others.length]);
    merged.set(key, [...(merged.get(key) ?? others), ...way.filter(isProtocol)]);
  }
  return [...merged.values()].map(wayText).join(' or ');
}

/** The same for a way through a tree. */
export function wayText(conditions: readonly Condition[]): string {
  const values = (input: string): readonly string[] =>
    conditions.filter((each) => each.input === input && each.value.startsWith('=')).map(({ value }) => value.slice(1));
  const known = ['TransportProtocol', 'ServerName', 'ApplicationProtocol', 'DestinationIP', 'DestinationPort', 'SourceIP'];
  return partsText({
    transport: values('TransportProtocol')[0],
    names: values('ServerName'),
    // Envoy puts each into quotes.
    protocols: values('ApplicationProtocol').flatMap((each) => each.replaceAll("'", '').split(',')),
    ranges: values('DestinationIP'),
    port: values('DestinationPort')[0],
    sources: values('SourceIP'),
    others: conditions
      .filter(({ input, value }) => !(known.includes(input) && value.startsWith('=')))
      .map(({ input, value }) => (value.startsWith('=') ? `${input}: ${value.slice(1)}` : `${input}${value}`)),
  });
}

interface Asked {
  readonly transport: string | undefined;
  readonly names: readonly string[];
  readonly protocols: readonly string[];
  readonly ranges: readonly string[];
  readonly port: string | number | undefined;
  readonly sources: readonly string[];
  readonly others: readonly string[];
}

function partsText({ transport, names, protocols, ranges, port, sources, others }: Asked): string {
  const destination = [
    ...(ranges.length > 0 ? [ranges.join(',')] : port === undefined ? [] : ['*']),
    ...(port === undefined ? [] : [String(port)]),
  ];
  const parts = [
    ...given('Trans', transport === undefined ? [] : [transport]),
    ...given('SNI', names),
    ...(protocols.length === 0 ? [] : [`App: ${protocolsText(protocols)}`]),
    ...(destination.length === 0 ? [] : [`Addr: ${destination.join(':')}`]),
    ...given('From', sources),
    ...others,
  ];
  return parts.length === 0 ? 'ALL' : parts.join('; ');
}

const given = (what: string, values: readonly (string | number)[]): readonly string[] =>
  values.length === 0 ? [] : [`${what}: ${values.join(',')}`];

const numbers = (value: unknown, name: string): readonly number[] => {
  const found = field(value, name);
  return Array.isArray(found) ? found.filter((each): each is number => typeof each === 'number') : [];
};
