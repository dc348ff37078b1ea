import { GATEWAY } from '../../mesh/istio/kinds.ts';
import { itemsAt, numberAt, objectAt, stringAt } from '../../model/body.ts';
import type { Body, Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { bindFlaws, UNIX, unixFlaws } from './_addresses.ts';
import { type Flaw, isSet, judging, under } from './_flaws.ts';
import { portFlaws, protocolFlaws, targetPortFlaws } from './_ports.ts';

export const gatewayPortsValid: Rule = {
  meta: {
    id: 'istio-validation/gateway-ports-valid',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.Gateway'],
    severity: 'error',
    summary: 'Ports of a Gateway have a number, a protocol and a name of their own.',
    why: 'Istiod refuses the Gateway, so that its servers are never opened.',
    inputs: [GATEWAY],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/gateway/#Port',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: reviews, namespace: shop }
spec:
  selector: { app: gateway }
  servers:
    - port: { number: 80, name: http, protocol: WEB }
      hosts: ["*"]
`,
    good: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: reviews, namespace: shop }
spec:
  selector: { app: gateway }
  servers:
    - port: { number: 80, name: http, protocol: HTTP }
      hosts: ["*"]
`,
  },
  check: judging(GATEWAY, flawsOf),
};

function* flawsOf({ body }: Resource): Iterable<Flaw> {
  const names = new Set<string>();
  for (const { item, path } of itemsAt(body, 'spec', 'servers')) {
    yield* under(path, ofServer(item));
    const name = stringAt(item, 'port', 'name');
    if (!name) continue;
    if (names.has(name)) {
      yield {
        path: [...path, 'port', 'name'],
        message: `Port name "${name}" is used by several servers.`,
        fix: 'Give each server a port name of its own.',
      };
    }
    names.add(name);
  }
}

function* ofServer(server: Body): Iterable<Flaw> {
  const port = objectAt(server, 'port');
  const bind = stringAt(server, 'bind') ?? '';
  const isSocket = bind.startsWith(UNIX);
  const number = numberAt(port, 'number') ?? 0;
  yield* under(['bind'], isSocket ? unixFlaws(bind) : bind === '' ? [] : bindFlaws(bind));
  if (!isSet(server, 'port')) return;
  yield* under(['port'], protocolFlaws(port, false));
  yield* under(['port'], targetPortFlaws(port));
  if (!isSocket) yield* under(['port'], portFlaws(port, 'number'));
  else if (number !== 0) {
    yield { path: ['port', 'number'], message: `Port ${number} has no meaning on the socket "${bind}".`, fix: 'Write 0.' };
  }
  if (stringAt(port, 'name') === '')
    yield { path: ['port', 'name'], message: 'The name of the port is empty.', fix: 'Name the port, such as "http".' };
}
