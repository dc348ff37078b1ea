/**
 * The functions that Kubernetes adds to the expression language, as far as definitions of meshes use them. Addresses,
 * formats and the answers of formats are maps and lists here, as the language itself knows no types for them.
 * @see https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-url-library
 */
import { type CelFunc, CelScalar, celFunc, celMethod, listType, mapType } from '@bufbuild/cel';
import { parseAddress, parseNetwork } from '../text/ip-network.ts';
import { NAMED_FORMATS } from './cel-formats.ts';
import { type Address, parseRequestAddress } from './request-address.ts';

const { STRING, BOOL, INT, DYN } = CelScalar;
const TEXTS = mapType(STRING, STRING);
const TEXT_LIST = listType(STRING);

export const kubernetesFunctions: readonly CelFunc[] = [
  celFunc('isURL', [STRING], BOOL, (text) => parseRequestAddress(text) !== undefined),
  celFunc('url', [STRING], TEXTS, (text) => new Map(Object.entries(addressOf(text)))),
  ...(['scheme', 'host', 'hostname', 'port', 'escapedPath'] as const).map((part) =>
    celMethod(`get${part[0]?.toUpperCase()}${part.slice(1)}`, TEXTS, [], STRING, function () {
      return String(this.get(part) ?? '');
    }),
  ),
  celFunc('isIP', [STRING], BOOL, (text) => parseAddress(text) !== undefined),
  celFunc('ip', [STRING], TEXTS, (text) => {
    const address = parseAddress(text);
    if (!address) throw new Error(`IP Address "${text}" parse error during conversion from string`);
    return new Map([['family', String(address.family)]]);
  }),
  celMethod('family', TEXTS, [], INT, function () {
    return BigInt(String(this.get('family')));
  }),
  celFunc('isCIDR', [STRING], BOOL, (text) => parseNetwork(text) !== undefined),
  ...Object.keys(NAMED_FORMATS).map((name) => celFunc(`format.${name}`, [], TEXTS, () => new Map([['format', name]]))),
  celMethod('validate', TEXTS, [STRING], TEXT_LIST, function (text) {
    const format = NAMED_FORMATS[String(this.get('format'))];
    return format === undefined || format(text) ? [] : [`"${text}" is not valid`];
  }),
  // An answer without complaints is an optional that holds nothing.
  celMethod('hasValue', listType(DYN), [], BOOL, function () {
    return this.size > 0;
  }),
  celMethod('value', TEXT_LIST, [], TEXT_LIST, function () {
    return [...this];
  }),
];

function addressOf(text: string): Address {
  const address = parseRequestAddress(text);
  if (!address) throw new Error('URL parse error during conversion from string');
  return address;
}
