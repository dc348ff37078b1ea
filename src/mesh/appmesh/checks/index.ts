/** Every check of App Mesh, each behind those that it needs. */
import { stringsAt } from '../../../model/body.ts';
import type { Check } from '../../../model/check.ts';
import { type Kind, type Resource, shortKind } from '../../../model/resource.ts';
import { count } from '../../../text/words.ts';
import { refusedObjects } from '../../checks/conditions.ts';
import { controlPlaneChecks } from '../../checks/control-plane-checks.ts';
import { dataPlaneChecks } from '../../checks/data-plane-checks.ts';
import { templateContainers } from '../../checks/images.ts';
import { injectionChecks } from '../../checks/injection-checks.ts';
import { mountedSecrets, secretCertificatesValid } from '../../checks/secret-certificates.ts';
import { corePlanes, needingPlane } from '../../checks/sidecar-mesh.ts';
import { versionsCheck } from '../../checks/versions-check.ts';
import { appmeshMesh, VIRTUAL_NODE } from '../sidecar-mesh.ts';

const MESH: Kind = 'appmesh.k8s.aws/Mesh';
const RESOURCES: readonly Kind[] = [
  'appmesh.k8s.aws/GatewayRoute',
  'appmesh.k8s.aws/VirtualGateway',
  VIRTUAL_NODE,
  'appmesh.k8s.aws/VirtualRouter',
  'appmesh.k8s.aws/VirtualService',
];
const MESHES_ACTIVE = 'appmesh/meshes-active';

/** The day after which the service answers no more. */
const END = Date.UTC(2026, 8, 30);

const serviceSupported = needingPlane(appmeshMesh, {
  id: 'appmesh/service-supported',
  category: 'versions',
  title: 'AWS still runs App Mesh.',
  why: 'The proxies get their configuration from a service of AWS: without it they keep the last that they got until they restart.',
  docs: 'https://docs.aws.amazon.com/app-mesh/latest/userguide/what-is-app-mesh.html',
  run: async (facts) => ({
    is: 'warning',
    reason:
      facts.now > END
        ? 'AWS ended App Mesh on 30 September 2026: neither the console nor the resources of the service can be reached any more.'
        : 'AWS ends App Mesh on 30 September 2026.',
    hint: 'Move the workloads to another mesh, such as Istio or Linkerd, or to VPC Lattice, namespace by namespace: remove the label of the injector from a namespace, mark it for the new mesh, and restart its workloads.',
    affected: (await corePlanes(appmeshMesh, facts)).map((resource) => ({ resource })),
  }),
});

const conditionOf = (kind: Kind): string => `${shortKind(kind)}Active`;

const meshesActive = needingPlane(appmeshMesh, {
  id: MESHES_ACTIVE,
  category: 'control-plane',
  title: 'Every Mesh is active in App Mesh.',
  why: 'Nothing of a Mesh that App Mesh does not know takes effect.',
  docs: appmeshMesh.docs.injection,
  settles: true,
  reads: [MESH],
  run: async (facts) => {
    const { refused, total } = await refusedObjects(facts, [MESH], conditionOf);
    const [first] = refused;
    if (!first) return { is: 'ok', reason: total === 0 ? 'There is no Mesh.' : `${total} of ${total}.` };
    return {
      is: 'failed',
      reason: `${refused.length} of ${total} ${total === 1 ? 'Mesh' : 'Meshes'} ${refused.length === 1 ? 'is' : 'are'} not active.`,
      hint: `Run "kubectl describe mesh.appmesh.k8s.aws ${first.resource.name}", and see in the log of the controller whether AWS refuses it.`,
      affected: refused,
    };
  },
});

const resourcesActive = needingPlane(appmeshMesh, {
  id: 'appmesh/resources-active',
  category: 'configuration',
  title: 'App Mesh has taken over every virtual node, service, router, gateway and route.',
  why: 'What Kubernetes holds is not what the proxies do: the object has no effect, or an older state of it has.',
  docs: appmeshMesh.docs.injection,
  settles: true,
  needs: [MESHES_ACTIVE],
  reads: RESOURCES,
  run: async (facts) => {
    const { refused, total } = await refusedObjects(facts, RESOURCES, conditionOf);
    const [first] = refused;
    if (!first) return { is: 'ok', reason: `${count(total, 'object')}.` };
    const { kind, namespace, name } = first.resource;
    return {
      is: 'failed',
      reason: `App Mesh has not taken over ${refused.length} of ${count(total, 'object')}.`,
      hint: `Run "kubectl -n ${namespace} describe ${shortKind(kind as Kind).toLowerCase()} ${name}": its events tell what AWS said.`,
      affected: refused,
    };
  },
});

const webhookCertificateValid = needingPlane(appmeshMesh, {
  id: 'appmesh/webhook-certificate-valid',
  category: 'certificates',
  title: 'The certificate that the controller serves its webhooks with is in date.',
  why: 'The API server calls no webhook whose certificate has ended: new pods and new configuration are refused.',
  docs: appmeshMesh.docs.injection,
  run: async (facts) =>
    secretCertificatesValid(
      facts,
      (await corePlanes(appmeshMesh, facts)).flatMap((plane) =>
        mountedSecrets(plane, ['cert']).map((secret) => ({ ...secret, key: 'tls.crt' })),
      ),
      { meaning: 'The certificate of the webhooks has ended.', hint: appmeshMesh.webhookServer.hint },
    ),
});

/** `v1.34.13.3-prod` is Envoy 1.34.13 in the third build of AWS. */
const envoyVersion = (text: string): string | undefined => /(?:^|:)v?(\d+\.\d+\.\d+)(?:\.\d+)?(?:-prod)?$/.exec(text)?.[1];

const versionsSupported = versionsCheck(appmeshMesh, {
  docs: 'https://docs.aws.amazon.com/app-mesh/latest/userguide/envoy.html',
  // Of Envoy, whose version says nothing of what App Mesh sends.
  mostBehind: Number.POSITIVE_INFINITY,
  versionOf:
    async () =>
    ({ image }) =>
      envoyVersion(image),
  current: async (facts) => envoyVersion((await corePlanes(appmeshMesh, facts)).map(sidecarTagOf)[0] ?? ''),
});

function sidecarTagOf(controller: Resource): string {
  const flag = '--sidecar-image-tag=';
  const args = templateContainers(controller).flatMap((container) => stringsAt(container, 'args').map(({ value }) => value));
  return args.find((arg) => arg.startsWith(flag))?.slice(flag.length) ?? '';
}

export const checks: readonly Check[] = [
  ...controlPlaneChecks(appmeshMesh),
  meshesActive,
  ...injectionChecks(appmeshMesh),
  webhookCertificateValid,
  serviceSupported,
  versionsSupported,
  ...dataPlaneChecks(appmeshMesh),
  resourcesActive,
];
