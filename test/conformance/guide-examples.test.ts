/** Configuration as guides print it: what `EXPECTED.md` asks for, at the right line. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { main } from '../../src/cli.ts';
import { memoryHost } from '../../src/host/memory.ts';

const folder = fileURLToPath(new URL('../../../shared/cases/guide-examples/', import.meta.url));

interface ReportedFinding {
  readonly rule: string;
  readonly severity: string;
  readonly position: { readonly line: number };
}

async function analyze(file: string, ...more: readonly string[]): Promise<readonly string[]> {
  const host = memoryHost({ args: ['analyze', '-o', 'json', ...more, file], files: { [file]: readFileSync(folder + file, 'utf8') } });
  await main(host);
  const findings: readonly ReportedFinding[] = JSON.parse(host.stdout()).findings;
  return findings.map(({ rule, severity, position }) => `${position.line} ${severity} ${rule}`);
}

const VERSION = 'info istio-deprecation/api-version-current';

/** Findings without, and further ones with `--complete`. */
const EXPECTED: Readonly<Record<string, readonly [plain: readonly string[], complete: readonly string[]]>> = {
  '01-virtualservice-my-service.yaml': [
    [`1 ${VERSION}`],
    [
      '11 error istio-routing/destination-host-exists',
      '12 error istio-routing/destination-subset-exists',
      '15 error istio-routing/destination-host-exists',
      '16 error istio-routing/destination-subset-exists',
    ],
  ],
  '02-peerauthentication-default.yaml': [[], []],
  '03-virtualservice-myservice.yaml': [
    [`1 ${VERSION}`, '5 error istio-routing/virtual-service-has-hosts', '16 warning istio-routing/request-id-kept'],
    ['9 error istio-routing/destination-host-exists'],
  ],
  '04-telemetry-custom-metrics.yaml': [[`1 ${VERSION}`, '7 error structure/field-known', '8 error structure/field-known'], []],
  '05-authorizationpolicy-checkout-policy.yaml': [
    [],
    ['8 warning istio-security/policy-selects-workloads', '13 warning istio-security/principal-service-account-exists'],
  ],
  '06-destinationrule-reviews.yaml': [
    [`1 ${VERSION}`, `15 ${VERSION}`],
    [
      '6 warning istio-destination/destination-rule-host-exists',
      '25 error istio-routing/destination-host-exists',
      '29 error istio-routing/destination-host-exists',
    ],
  ],
  '07-virtualservice-reviews-canary.yaml': [
    [`1 ${VERSION}`],
    [
      '15 error istio-routing/destination-host-exists',
      '16 error istio-routing/destination-subset-exists',
      '19 error istio-routing/destination-host-exists',
      '20 error istio-routing/destination-subset-exists',
      '23 error istio-routing/destination-host-exists',
      '24 error istio-routing/destination-subset-exists',
    ],
  ],
  '08-destinationrule-reviews-circuit-breaker.yaml': [
    [`1 ${VERSION}`, '15 warning istio-deprecation/consecutive-errors-replaced'],
    ['6 warning istio-destination/destination-rule-host-exists'],
  ],
  '09-authorizationpolicy-deny-all.yaml': [
    ['6 info istio-security/deny-all-intended'],
    [
      '5 warning istio-security/policy-selects-workloads',
      '15 warning istio-security/policy-selects-workloads',
      '21 warning istio-security/principal-service-account-exists',
    ],
  ],
  '10-pod-myapp.yaml': [['6 warning istio-annotation/annotation-current'], []],
};

const byLine = (left: string, right: string): number => Number.parseInt(left, 10) - Number.parseInt(right, 10) || (left < right ? -1 : 1);

describe.skipIf(!existsSync(folder))('guide examples', () => {
  it.each(Object.entries(EXPECTED))('%s', async (file, [plain, complete]) => {
    expect([...(await analyze(file))].sort(byLine)).toEqual([...plain].sort(byLine));
    expect([...(await analyze(file, '--complete'))].sort(byLine)).toEqual([...plain, ...complete].sort(byLine));
  });
});
