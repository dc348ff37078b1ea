import { SIDECAR } from '../../mesh/istio/kinds.ts';
import { has, itemsAt, numberAt, objectAt, stringAt } from '../../model/body.ts';
import type { Body, FieldPath, Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { bindFlaws, UNIX, unixFlaws } from './_addresses.ts';
import { type Flaw, isSet, judging, under } from './_flaws.ts';
import { isPort, portFlaws, portNameFlaws, protocolFlaws, targetPortFlaws } from './_ports.ts';

export const sidecarListenersValid: Rule = {
  meta: {
    id: 'istio-validation/sidecar-listeners-valid',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.Sidecar'],
    severity: 'error',
    summary: 'Listeners of a Sidecar have ports and addresses of their own that proxies can listen on.',
    why: 'Istiod refuses the Sidecar, so that proxies keep the configuration they have.',
    inputs: [SIDECAR],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/sidecar/#IstioIngressListener',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: reviews, namespace: shop }
spec:
  ingress:
    - port: { number: 9080, protocol: HTTP, name: http }
      defaultEndpoint: 10.0.0.1:8080
`,
    good: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: reviews, namespace: shop }
spec:
  ingress:
    - port: { number: 9080, protocol: HTTP, name: http }
      defaultEndpoint: 127.0.0.1:8080
  egress:
    - port: { number: 3306, protocol: MYSQL, name: mysql }
      bind: 127.0.0.1
      hosts: ["*/mysql.example.com"]
    - hosts: ["./*"]
`,
  },
  check: judging(SIDECAR, flawsOf),
};

function* flawsOf({ body }: Resource): Iterable<Flaw> {
  const ingress = itemsAt(body, 'spec', 'ingress').filter(({ item }) => isSet(item, 'port'));
  for (const { item, path } of ingress) yield* under(path, ofIngress(item));
  yield* repeated(
    ingress.map(({ item, path }) => ({ key: `port ${numberAt(item, 'port', 'number') ?? 0}`, path: [...path, 'port', 'number'] })),
  );
  const egress = itemsAt(body, 'spec', 'egress');
  for (const { item, path } of egress) {
    if (isSet(item, 'port')) yield* under(path, ofEgress(item));
    else if (Number(path.at(-1)) !== egress.length - 1) {
      yield {
        path,
        part: 'key',
        message: 'An egress listener without a port takes what no other one takes, and must be the last.',
        fix: 'Move it to the end, or give it a port; there can be one only.',
      };
    }
  }
  yield* repeated(
    egress
      .filter(({ item }) => isSet(item, 'port'))
      .map(({ item, path }) => {
        const number = numberAt(item, 'port', 'number') ?? 0;
        return number === 0
          ? { key: `socket "${stringAt(item, 'bind') ?? ''}"`, path: [...path, 'bind'] }
          : { key: `port ${number}`, path: [...path, 'port', 'number'] };
      }),
  );
}

function* repeated(listeners: readonly { readonly key: string; readonly path: FieldPath }[]): Iterable<Flaw> {
  const taken = new Set<string>();
  for (const { key, path } of listeners) {
    if (taken.has(key)) yield { path, message: `Several listeners take ${key}.`, fix: 'Keep one of them.' };
    taken.add(key);
  }
}

function* ofIngress(listener: Body): Iterable<Flaw> {
  const port = objectAt(listener, 'port');
  yield* ofPort(port);
  // No number counts as 0.
  yield* under(['port'], has(port, 'number') ? portFlaws(port, 'number') : portFlaws({ number: 0 }, 'number'));
  const bind = stringAt(listener, 'bind');
  if (bind) yield* under(['bind'], bindFlaws(bind));
  const endpoint = stringAt(listener, 'defaultEndpoint');
  if (endpoint) yield* under(['defaultEndpoint'], endpoint.startsWith(UNIX) ? unixFlaws(endpoint) : endpointFlaws(endpoint));
}

function* ofEgress(listener: Body): Iterable<Flaw> {
  const port = objectAt(listener, 'port');
  yield* ofPort(port);
  const bind = stringAt(listener, 'bind') ?? '';
  if ((numberAt(port, 'number') ?? 0) !== 0) {
    yield* under(['port'], portFlaws(port, 'number'));
    if (bind) yield* under(['bind'], bindFlaws(bind));
    return;
  }
  if (bind.startsWith(UNIX)) yield* under(['bind'], unixFlaws(bind));
  else
    yield {
      path: ['port'],
      part: 'key',
      message: 'The port has no number, and bind names no socket.',
      fix: 'Set the number of the port, or bind to "unix:///path".',
    };
  const mode = stringAt(listener, 'captureMode') ?? 'DEFAULT';
  if (mode === 'IPTABLES') {
    yield {
      path: ['captureMode'],
      message: 'Traffic to a socket cannot be captured by IPTABLES.',
      fix: 'Write NONE, or remove captureMode.',
    };
  }
}

function* ofPort(port: Body): Iterable<Flaw> {
  yield* under(['port'], targetPortFlaws(port));
  yield* under(['port'], protocolFlaws(port, true));
  if (stringAt(port, 'name')) yield* under(['port'], portNameFlaws(port));
}

const LOOPBACK = /^(?:127\.0\.0\.1|0\.0\.0\.0|\[::1?\])?:(\d+)$/;

function* endpointFlaws(endpoint: string): Iterable<Flaw> {
  const [, port] = LOOPBACK.exec(endpoint) ?? [];
  if (port !== undefined && isPort(Number(port))) return;
  yield {
    path: [],
    message: `"${endpoint}" is no place in the pod that a proxy could forward to.`,
    fix: 'Write "127.0.0.1:PORT", "0.0.0.0:PORT", "[::1]:PORT", "[::]:PORT" or "unix:///path".',
  };
}
