import { optsOut } from '../../mesh/istio/injection.ts';
import { itemsAt, numberAt, stringAt } from '../../model/body.ts';
import { type FieldPath, shortKind } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { WORKLOAD_KINDS, type Workload, workloads } from '../../model/workloads.ts';
import { hasOwnerIn, isControlPlane } from './_owners.ts';

/** The user that the sidecar runs as; the redirection rules pass over its traffic so that it does not loop. */
const PROXY_USER = 1337;
const PROXY_CONTAINERS: ReadonlySet<string> = new Set(['istio-proxy', 'istio-operator']);

/** Plain init containers may run as this user: it is the documented way to reach the network before the sidecar runs. */
export const userIdNotReserved: Rule = {
  meta: {
    id: 'istio-service/user-id-not-reserved',
    aliases: ['IST0144'],
    analyzers: ['applicationUID.Analyzer'],
    severity: 'warning',
    summary: 'No application container runs as user 1337, which is reserved for the sidecar.',
    why: 'Traffic of user 1337 bypasses the sidecar: no mTLS, no policies, no telemetry, and often no connection at all.',
    inputs: WORKLOAD_KINDS,
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/ops/deployment/application-requirements/',
    since: '0.1.0',
    bad: `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  template:
    metadata: { labels: { app: web } }
    spec:
      securityContext: { runAsUser: 1337 }
      containers: [{ name: web, image: web:1.0 }]
`,
    good: `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  template:
    metadata: { labels: { app: web } }
    spec:
      securityContext: { runAsUser: 1000 }
      containers: [{ name: web, image: web:1.0 }]
`,
    differs:
      'The user that a container really runs as counts: its own runAsUser hides that of the pod. Pods that opt out of injection are passed over; templates of every workload kind and native sidecars of the application are looked at.',
  },
  *check(resources) {
    for (const workload of resources.derive(workloads).all) {
      if (isControlPlane(workload.resource) || optsOut(workload)) continue;
      const containers = reservedUsers(workload);
      const [first] = containers;
      if (!first || hasOwnerIn(resources, workload)) continue;
      const names = containers.map(({ name }) => `"${name}"`).join(', ');
      yield {
        at: workload.resource,
        path: first.path,
        message: `User ${PROXY_USER} is reserved for the sidecar, but ${containers.length > 1 ? 'containers' : 'container'} ${names} of ${shortKind(workload.resource.kind)} "${workload.name}" would run as it and so bypass the sidecar.`,
        fix: 'Set runAsUser to any other user.',
      };
    }
  },
};

/** Application containers, native sidecars included, that run as the reserved user, with the field that says so. */
function reservedUsers({ podSpec, podPath }: Workload): readonly { readonly name: string; readonly path: FieldPath }[] {
  const path = [...podPath, 'spec'];
  const user = ['securityContext', 'runAsUser'];
  return [
    ...itemsAt(podSpec, 'containers'),
    ...itemsAt(podSpec, 'initContainers').filter(({ item }) => item['restartPolicy'] === 'Always'),
  ].flatMap((container) => {
    const name = stringAt(container.item, 'name') ?? '';
    const own = numberAt(container.item, ...user);
    if (PROXY_CONTAINERS.has(name) || (own ?? numberAt(podSpec, ...user)) !== PROXY_USER) return [];
    return [{ name, path: own === undefined ? [...path, ...user] : [...path, ...container.path, ...user] }];
  });
}
