/**
 * What Istio accepts as the value of an annotation. The injection webhook refuses a pod that
 * carries a value it cannot read, so no replica of the workload starts.
 */
import { isBody } from '../../model/body.ts';
import { parseDuration } from '../../text/duration.ts';
import { parseQuantity } from '../../text/quantity.ts';
import { parseYaml, YamlProblem } from '../../text/yaml.ts';

export interface ValueProblem {
  /** A clause: `"http" is not a port number`. */
  readonly problem: string;
  /** A sentence: what to write instead. */
  readonly fix: string;
}

type ValueCheck = (value: string) => ValueProblem | undefined;

/** @returns undefined when the value is fine, or Istio does not look at it closely */
export function annotationValueProblem(name: string, value: string): ValueProblem | undefined {
  return CHECKS.get(name)?.(value);
}

/** @param noun with its article: `a port number` */
function single(noun: string, fix: string, accepts: (value: string) => boolean): ValueCheck {
  return (value) => (accepts(value) ? undefined : { problem: `"${value}" is not ${noun}`, fix });
}

/** Elements separated by commas; nothing at all is an empty list. */
function list(noun: string, fix: string, accepts: (element: string) => boolean): ValueCheck {
  return (value) => {
    const wrong = value === '' ? undefined : value.split(',').find((element) => !accepts(element));
    if (wrong === undefined) return undefined;
    return { problem: wrong === '' ? `"${value}" has an empty entry` : `"${wrong}" is not ${noun}`, fix };
  };
}

const orStar =
  (check: ValueCheck): ValueCheck =>
  (value) =>
    value === '*' ? undefined : check(value);

function isUnsigned(text: string, max: number): boolean {
  return /^\d+$/.test(text) && Number(text) <= max;
}

/** Port 0 passes: as the status port it turns the readiness probe off. */
const isPort = (text: string): boolean => isUnsigned(text.trim(), 65_535);

/** The kernel allows an interface name 15 characters. */
const isInterface = (text: string): boolean => /^[a-zA-Z][\w.-]{0,14}$/.test(text.trim());

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

function isIpv6(text: string): boolean {
  // An IPv4 address may stand for the last two groups.
  const lastColon = text.lastIndexOf(':');
  const groups = IPV4.test(text.slice(lastColon + 1)) ? `${text.slice(0, lastColon + 1)}0:0` : text;
  const [left = '', right, ...more] = groups.split('::');
  if (more.length > 0) return false;
  const all = [left, right ?? ''].flatMap((side) => (side === '' ? [] : side.split(':')));
  return all.every((group) => /^[\da-f]{1,4}$/i.test(group)) && (right === undefined ? all.length === 8 : all.length < 8);
}

/** An address range, as strictly as Go's `netip.ParsePrefix`: no blanks, no zone, no leading zeros. */
function isCidr(text: string): boolean {
  const match = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text);
  if (!match) return false;
  const [, address = '', bits] = match;
  if (IPV4.test(address)) return Number(bits) <= 32;
  return isIpv6(address) && Number(bits) <= 128;
}

const BOOLEANS: ReadonlySet<string> = new Set(['1', 't', 'T', 'TRUE', 'true', 'True', '0', 'f', 'F', 'FALSE', 'false', 'False']);

const portList = list('a port number', 'Write port numbers from 0 to 65535, separated by commas.', isPort);
const ports: ValueCheck = (value) => portList(value.trim());
const portsOrStar = orStar((value) => {
  const found = ports(value);
  return found && { ...found, fix: 'Write port numbers from 0 to 65535, separated by commas, or "*" for all ports.' };
});
const cidrs = list(
  'an address range in CIDR notation',
  'Write address ranges such as "10.0.0.0/8", separated by commas without blanks.',
  isCidr,
);
const interfaces = list(
  'the name of a network interface',
  'Write names of at most 15 letters, digits, dots, dashes and underscores, separated by commas.',
  isInterface,
);
const seconds = single('a whole number', 'Write a number of 0 or more, without a unit.', (value) => isUnsigned(value, 2 ** 32 - 1));
const quantity = single(
  'a Kubernetes quantity',
  'Write a quantity such as "100m" or "128Mi".',
  (value) => parseQuantity(value) !== undefined,
);

const CHECKS: ReadonlyMap<string, ValueCheck> = new Map<string, ValueCheck>([
  [
    'sidecar.istio.io/interceptionMode',
    single('an interception mode', 'Write REDIRECT, TPROXY or NONE.', (value) => ['REDIRECT', 'TPROXY', 'NONE'].includes(value)),
  ],
  ['status.sidecar.istio.io/port', single('a port number', 'Write a port number from 0 to 65535.', isPort)],
  ['readiness.status.sidecar.istio.io/initialDelaySeconds', seconds],
  ['readiness.status.sidecar.istio.io/periodSeconds', seconds],
  ['readiness.status.sidecar.istio.io/failureThreshold', seconds],
  ['traffic.sidecar.istio.io/includeOutboundIPRanges', orStar(cidrs)],
  ['traffic.sidecar.istio.io/excludeOutboundIPRanges', cidrs],
  ['traffic.sidecar.istio.io/includeInboundPorts', portsOrStar],
  ['traffic.sidecar.istio.io/excludeInboundPorts', ports],
  ['traffic.sidecar.istio.io/excludeOutboundPorts', ports],
  ['traffic.sidecar.istio.io/excludeInterfaces', interfaces],
  ['traffic.sidecar.istio.io/kubevirtInterfaces', interfaces],
  ['istio.io/reroute-virtual-interfaces', interfaces],
  ['prometheus.istio.io/merge-metrics', single('a boolean', 'Write "true" or "false".', (value) => BOOLEANS.has(value))],
  ['proxy.istio.io/config', proxyConfig],
  ['sidecar.istio.io/proxyCPU', quantity],
  ['sidecar.istio.io/proxyCPULimit', quantity],
  ['sidecar.istio.io/proxyMemory', quantity],
  ['sidecar.istio.io/proxyMemoryLimit', quantity],
]);

interface FieldType {
  readonly noun: string;
  accepts(value: unknown): boolean;
}

// Numbers may be quoted in the JSON form of a protobuf message; booleans may not.
const number: FieldType = { noun: 'a whole number', accepts: (value) => /^-?\d+$/.test(String(value)) };
const port: FieldType = { noun: 'a port number', accepts: (value) => isUnsigned(String(value), 65_535) };
const boolean: FieldType = { noun: 'true or false, without quotes', accepts: (value) => typeof value === 'boolean' };
const duration: FieldType = {
  noun: 'a duration such as "45s"',
  accepts: (value) => typeof value === 'string' && parseDuration(value) !== undefined,
};
const mapping: FieldType = { noun: 'a mapping', accepts: isBody };

/** Fields of ProxyConfig whose type people get wrong; unknown fields are let pass, as istiod does. */
const PROXY_CONFIG_FIELDS: ReadonlyMap<string, FieldType> = new Map([
  ['concurrency', number],
  ['drainDuration', duration],
  ['holdApplicationUntilProxyStarts', boolean],
  ['proxyAdminPort', port],
  ['proxyMetadata', mapping],
  ['statsCompression', boolean],
  ['statusPort', port],
  ['terminationDrainDuration', duration],
]);

/** @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#ProxyConfig */
function proxyConfig(value: string): ValueProblem | undefined {
  const fix = 'Write the fields of ProxyConfig as a YAML mapping, such as "concurrency: 2".';
  let config: unknown;
  try {
    config = parseYaml(value);
  } catch (error) {
    if (!(error instanceof YamlProblem)) throw error;
    return { problem: `line ${error.line} of its YAML cannot be read (${error.message.replace(/\.$/, '')})`, fix };
  }
  if (config === undefined) return undefined;
  if (!isBody(config))
    return { problem: `its YAML is ${Array.isArray(config) ? 'a list' : `the value "${config}"`} instead of a mapping`, fix };
  for (const [name, type] of PROXY_CONFIG_FIELDS) {
    const field = config[name] ?? undefined;
    if (field !== undefined && !type.accepts(field)) return wrongField(name, field, type.noun);
  }
  // `ISTIO_META_DNS_CAPTURE: true` without quotes is the usual mistake.
  const metadata = isBody(config['proxyMetadata']) ? config['proxyMetadata'] : {};
  const [name, entry] = Object.entries(metadata).find(([, entry]) => entry !== null && typeof entry !== 'string') ?? [];
  return name === undefined ? undefined : wrongField(`proxyMetadata.${name}`, entry, 'a string in quotes');
}

function wrongField(name: string, value: unknown, noun: string): ValueProblem {
  return { problem: `${name} is ${JSON.stringify(value)} instead of ${noun}`, fix: `Make ${name} ${noun}.` };
}
