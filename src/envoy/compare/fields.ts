/** What must be known of Envoy's fields to tell whether two resources say the same. Names are in camel case. */

/** Maps whose keys are data and not names of fields. */
const MAPS = new Set(
  'filterMetadata typedFilterMetadata typedPerFilterConfig typedExtensionProtocolOptions policies providers requirementMap keyValues labels'.split(
    ' ',
  ),
);

/** Values that are JSON of somebody's own, for which protobuf's rules do not hold. */
const STRUCTS = new Set('jsonFormat typedJsonFormat'.split(' '));

/** How the keys and values below a field are to be read. */
export type Reading = 'message' | 'map' | 'structs' | 'struct';

export const readingOf = (field: string, parent: Reading): Reading => {
  if (parent === 'struct' || parent === 'structs') return 'struct';
  if (parent === 'map') return 'message';
  if (field === 'filterMetadata') return 'structs';
  return MAPS.has(field) ? 'map' : STRUCTS.has(field) ? 'struct' : 'message';
};

/** `type.googleapis.com/google.protobuf.Struct` and the two kinds of TypedStruct hold one in `value`. */
export const holdsStruct = (type: unknown): boolean => typeof type === 'string' && /[./](?:Typed)?Struct$/.test(type);

/** Text that looks like a number or a duration and is none. */
const TEXT = new Set(
  'body cluster contains domains exact header inlineString key name path prefix regex routeConfigName statPrefix stringValue suffix value'.split(
    ' ',
  ),
);

export const isText = (field: string): boolean => TEXT.has(field);

/** Lists whose order means nothing, by field, or by the field that holds theirs. */
const WITHOUT_ORDER = new Set(
  [
    'domains virtualHosts serverNames applicationProtocols prefixRanges sourcePrefixRanges directSourcePrefixRanges sourcePorts',
    'endpoints lbEndpoints matchTypedSubjectAltNames matchSubjectAltNames verifyCertificateHash verifyCertificateSpki',
    'requestHeadersToRemove responseHeadersToRemove retriableStatusCodes queryParameters thresholds upgradeConfigs audiences',
    'permissions principals andRules.rules orRules.rules andIds.ids orIds.ids notRule.rules weightedClusters.clusters match.headers',
    'subsetSelectors subsetSelectors.keys',
  ].flatMap((line) => line.split(' ')),
);

export const isOrderless = (field: string, parent: string): boolean => WITHOUT_ORDER.has(field) || WITHOUT_ORDER.has(`${parent}.${field}`);

/** Values of enumerations that stand for none; the rest is always written. */
const DEFAULTS: Readonly<Record<string, string>> = {
  action: 'ALLOW',
  appendAction: 'APPEND_IF_EXISTS_OR_ADD',
  codecType: 'AUTO',
  denominator: 'HUNDRED',
  dnsLookupFamily: 'AUTO',
  drainType: 'DEFAULT',
  forwardClientCertDetails: 'SANITIZE',
  headersWithUnderscoresAction: 'ALLOW',
  healthStatus: 'UNKNOWN',
  lbPolicy: 'ROUND_ROBIN',
  pathWithEscapedSlashesAction: 'IMPLEMENTATION_SPECIFIC_DEFAULT',
  priority: 'DEFAULT',
  protocol: 'TCP',
  requireTls: 'NONE',
  resourceApiVersion: 'AUTO',
  responseCode: 'MOVED_PERMANENTLY',
  serverHeaderTransformation: 'OVERWRITE',
  tlsMaximumProtocolVersion: 'TLS_AUTO',
  tlsMinimumProtocolVersion: 'TLS_AUTO',
  trafficDirection: 'UNSPECIFIED',
  transportApiVersion: 'AUTO',
};

export const isDefaultName = (field: string, value: unknown): boolean => value !== undefined && DEFAULTS[field] === value;

/** What of an item tells which one it is. */
export function identityOf(item: Readonly<Record<string, unknown>>): string | undefined {
  for (const field of ['name', 'clusterName', 'upgradeType', 'key']) {
    const value = item[field];
    if (typeof value === 'string' && value !== '') return value;
  }
  return undefined;
}
