/** Results of single checks of Istio over objects given as YAML, and the objects that most of them need. */
import { expect } from 'vitest';
import { checks } from '../../../src/mesh/istio/checks/index.ts';
import type { CheckResult, Facts } from '../../../src/model/check.ts';
import { issueCertificate } from '../../../src/sandbox/pki/certificate.ts';
import { factsOf, NOW } from '../facts.ts';

const DAY = 86_400_000;

export async function result(id: string, objects: string, changes: Partial<Facts> = {}): Promise<CheckResult> {
  const check = checks.find((each) => each.id === `istio/${id}`);
  if (!check) throw new RangeError(id);
  const found = await check.run(factsOf(objects, changes));
  // Whatever is wrong is said in sentences, with what to do.
  if (found.is === 'failed' || found.is === 'warning') {
    expect(found.hint).toMatch(/^[A-Z"i].+[.")]$/s);
    for (const { detail = '.' } of found.affected ?? []) expect(detail).toMatch(/[.…]$/);
  }
  if (found.is !== 'ok') expect(found.reason).toMatch(/^[A-Z0-9"].*\.$/s);
  return found;
}

export const is = async (...args: Parameters<typeof result>): Promise<CheckResult['is']> => (await result(...args)).is;

export const details = async (...args: Parameters<typeof result>): Promise<readonly (string | undefined)[]> =>
  ((await result(...args)).affected ?? []).map(({ resource, detail }) => `${resource.name}: ${detail}`);

interface Plane {
  readonly name?: string;
  readonly revision?: string;
  readonly version?: string;
  readonly env?: string;
}

export const plane = ({ name = 'istiod', revision = 'default', version = '1.30.0', env = '' }: Plane = {}): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: istio-system, labels: { app: istiod, istio.io/rev: ${revision} } }
spec:
  template:
    metadata: { labels: { app: istiod, istio.io/rev: ${revision} } }
    spec: { serviceAccountName: istiod, containers: [{ name: discovery, image: "pilot:${version}", env: [${env}] }] }
---`;

export const istiodPod = (name: string, version = '1.30.0', ready = 'True'): string => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: istio-system, labels: { app: istiod } }
spec: { containers: [{ name: discovery, image: "pilot:${version}" }] }
status: { phase: Running, conditions: [{ type: Ready, status: "${ready}" }] }
---`;

/** A pod with a sidecar that has been ready for an hour. */
export const proxyPod = (name: string, more = '', namespace = 'shop'): string => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: ${namespace}, ${more} }
spec: { serviceAccountName: cart, containers: [{ name: cart, image: "cart:1" }, { name: istio-proxy, image: "proxyv2:1.30.0" }] }
status:
  phase: Running
  conditions: [{ type: Ready, status: "True" }]
  containerStatuses:
    - { name: cart, ready: true }
    - { name: istio-proxy, ready: true, state: { running: { startedAt: "2026-01-01T11:00:00Z" } } }
---`;

export const namespace = (name: string, labels = ''): string => `
apiVersion: v1
kind: Namespace
metadata: { name: ${name}, labels: { ${labels} } }
---`;

export const daysFrom = (first: number, last: number): { readonly notBefore: number; readonly notAfter: number } => ({
  notBefore: NOW + first * DAY,
  notAfter: NOW + last * DAY,
});

export const base64 = (text: string): string => Buffer.from(text).toString('base64');

export const newRoot = (first = -10, last = 3640, commonName = 'root'): ReturnType<typeof issueCertificate> =>
  issueCertificate({ commonName, isCa: true, ...daysFrom(first, last) });

export const rootConfigMap = (inside: string, pem: string): string => `
apiVersion: v1
kind: ConfigMap
metadata: { name: istio-ca-root-cert, namespace: ${inside} }
data: { root-cert.pem: ${JSON.stringify(pem)} }
---`;
