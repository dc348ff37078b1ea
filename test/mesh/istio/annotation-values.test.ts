import { describe, expect, it } from 'vitest';
import { annotationValueProblem } from '../../../src/mesh/istio/annotation-values.ts';

const INCLUDE_RANGES = 'traffic.sidecar.istio.io/includeOutboundIPRanges';
const EXCLUDE_RANGES = 'traffic.sidecar.istio.io/excludeOutboundIPRanges';
const INCLUDE_PORTS = 'traffic.sidecar.istio.io/includeInboundPorts';
const EXCLUDE_PORTS = 'traffic.sidecar.istio.io/excludeInboundPorts';
const INTERFACES = 'traffic.sidecar.istio.io/excludeInterfaces';
const STATUS_PORT = 'status.sidecar.istio.io/port';
const PERIOD = 'readiness.status.sidecar.istio.io/periodSeconds';
const MODE = 'sidecar.istio.io/interceptionMode';
const MERGE = 'prometheus.istio.io/merge-metrics';
const CPU = 'sidecar.istio.io/proxyCPU';
const CONFIG = 'proxy.istio.io/config';

describe('annotationValueProblem', () => {
  it.each([
    [INCLUDE_RANGES, '*'],
    [INCLUDE_RANGES, ''],
    [INCLUDE_RANGES, '10.0.0.0/8,192.168.1.1/32'],
    [EXCLUDE_RANGES, 'fd00::/8,::/0,2001:db8:0:1:2:3:4:5/128,::ffff:10.0.0.1/96'],
    [INCLUDE_PORTS, '*'],
    [EXCLUDE_PORTS, ' 80, 443 '],
    [EXCLUDE_PORTS, ''],
    [INTERFACES, 'eth0, cni-podman.1'],
    [STATUS_PORT, '0'],
    [PERIOD, '4294967295'],
    [MODE, 'TPROXY'],
    [MERGE, 'F'],
    [CPU, '100m'],
    [CONFIG, ''],
    [CONFIG, '{}'],
    [CONFIG, '{"concurrency":"2"}'],
    [CONFIG, 'proxyMetadata:\n  A: "true"\n  B: null'],
    [CONFIG, 'drainDuration: 1m30s\ntracing: { sampling: 10 }'],
    ['sidecar.istio.io/logLevel', 'whatever'],
  ])('%s accepts "%s"', (name, value) => {
    expect(annotationValueProblem(name, value)).toBeUndefined();
  });

  it.each([
    [INCLUDE_RANGES, '10.0.0.0', '"10.0.0.0" is not an address range in CIDR notation'],
    [INCLUDE_RANGES, '10.0.0.0/8, 11.0.0.0/8', '" 11.0.0.0/8" is not an address range in CIDR notation'],
    [INCLUDE_RANGES, '10.0.0.0/33', '"10.0.0.0/33" is not an address range in CIDR notation'],
    [INCLUDE_RANGES, '010.0.0.0/8', '"010.0.0.0/8" is not an address range in CIDR notation'],
    [INCLUDE_RANGES, '10.0.0/8', '"10.0.0/8" is not an address range in CIDR notation'],
    [EXCLUDE_RANGES, '*', '"*" is not an address range in CIDR notation'],
    [EXCLUDE_RANGES, 'fd00:::/8', '"fd00:::/8" is not an address range in CIDR notation'],
    [EXCLUDE_RANGES, '1::2::3/8', '"1::2::3/8" is not an address range in CIDR notation'],
    [EXCLUDE_RANGES, '1:2:3:4:5:6:7/8', '"1:2:3:4:5:6:7/8" is not an address range in CIDR notation'],
    [EXCLUDE_RANGES, '::/129', '"::/129" is not an address range in CIDR notation'],
    [INCLUDE_PORTS, '80,http', '"http" is not a port number'],
    [EXCLUDE_PORTS, '80,', '"80," has an empty entry'],
    [EXCLUDE_PORTS, '*', '"*" is not a port number'],
    [EXCLUDE_PORTS, '65536', '"65536" is not a port number'],
    [EXCLUDE_PORTS, '-1', '"-1" is not a port number'],
    [INTERFACES, 'eth0,0eth', '"0eth" is not the name of a network interface'],
    [INTERFACES, 'averyverylongname', '"averyverylongname" is not the name of a network interface'],
    [STATUS_PORT, 'status', '"status" is not a port number'],
    [PERIOD, '10s', '"10s" is not a whole number'],
    [PERIOD, '4294967296', '"4294967296" is not a whole number'],
    [PERIOD, '', '"" is not a whole number'],
    [MODE, 'redirect', '"redirect" is not an interception mode'],
    [MERGE, 'yes', '"yes" is not a boolean'],
    [CPU, '100 m', '"100 m" is not a Kubernetes quantity'],
    [CONFIG, 'concurrency', 'its YAML is the value "concurrency" instead of a mapping'],
    [CONFIG, '[concurrency]', 'its YAML is a list instead of a mapping'],
    [CONFIG, 'a: {', 'line 1 of its YAML cannot be read'],
    [CONFIG, 'concurrency: two', 'concurrency is "two" instead of a whole number'],
    [CONFIG, 'statusPort: 70000', 'statusPort is 70000 instead of a port number'],
    [CONFIG, 'drainDuration: 5', 'drainDuration is 5 instead of a duration such as "45s"'],
    [
      CONFIG,
      'holdApplicationUntilProxyStarts: "true"',
      'holdApplicationUntilProxyStarts is "true" instead of true or false, without quotes',
    ],
    [CONFIG, 'proxyMetadata: [A]', 'proxyMetadata is ["A"] instead of a mapping'],
    [CONFIG, 'proxyMetadata: { A: "1", B: yes }', 'proxyMetadata.B is true instead of a string in quotes'],
  ])('%s refuses "%s"', (name, value, problem) => {
    expect(annotationValueProblem(name, value)?.problem).toContain(problem);
    expect(annotationValueProblem(name, value)?.fix).toMatch(/^[A-Z].+\.$/);
  });
});
