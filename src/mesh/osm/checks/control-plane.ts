/** What is Open Service Mesh's own: its one configuration object, the namespaces it watches, and its end. */
import { stringsAt } from '../../../model/body.ts';
import type { Check } from '../../../model/check.ts';
import type { Kind, Resource } from '../../../model/resource.ts';
import { count, quotedList } from '../../../text/words.ts';
import { templateContainers, versionOfWorkload } from '../../checks/images.ts';
import { secretCertificatesValid } from '../../checks/secret-certificates.ts';
import { corePlanes, DEPLOYMENT, needingPlane } from '../../checks/sidecar-mesh.ts';
import { NAMESPACE } from '../../checks/sidecars.ts';
import { MONITORED_BY, osmMesh } from '../sidecar-mesh.ts';

const MESH_CONFIG: Kind = 'config.openservicemesh.io/MeshConfig';
const SECRET: Kind = 'core/Secret';

export const maintained: Check = needingPlane(osmMesh, {
  id: 'osm/control-plane-maintained',
  category: 'versions',
  title: 'The control plane still gets fixes.',
  why: 'What is found in an archived project, its Envoy included, is not mended any more.',
  docs: 'https://github.com/openservicemesh/osm',
  run: async (facts) => ({
    is: 'warning',
    reason: 'Open Service Mesh was archived in 2023: there will be no more releases, security fixes or newer versions of Envoy.',
    hint: 'Move to a mesh that is maintained; for routes, Gateway API can stand in for SMI. --skip osm/control-plane-maintained silences this.',
    affected: (await corePlanes(osmMesh, facts)).map((resource) => ({ resource })),
  }),
});

export const meshConfigExists: Check = needingPlane(osmMesh, {
  id: 'osm/mesh-config-exists',
  category: 'control-plane',
  title: 'The MeshConfig that the control plane is set up by exists.',
  why: 'Without it the control plane uses its defaults, or does not start: egress, permissive mode and certificates are not as intended.',
  docs: 'https://docs.openservicemesh.io/docs/guides/operating/mesh_config/',
  settles: true,
  reads: [MESH_CONFIG],
  run: async (facts) => {
    const configs = await facts.list(MESH_CONFIG);
    const without = (await corePlanes(osmMesh, facts)).filter(
      (plane) => !configs.some(({ namespace, name }) => namespace === plane.namespace && name === 'osm-mesh-config'),
    );
    const [first] = without;
    if (!first) return { is: 'ok' };
    return {
      is: 'failed',
      reason: `There is no MeshConfig "osm-mesh-config" in namespace "${first.namespace}".`,
      hint: `Restart the Deployment "osm-bootstrap" of namespace "${first.namespace}": it makes one from the ConfigMap "preset-mesh-config".`,
      affected: without.map((resource) => ({ resource, detail: 'It has no MeshConfig.' })),
    };
  },
});

export const versionsAgree: Check = needingPlane(osmMesh, {
  id: 'osm/control-plane-versions-agree',
  category: 'versions',
  title: 'All parts of the control plane have one version.',
  why: 'Parts of different versions understand different configuration.',
  docs: 'https://docs.openservicemesh.io/docs/guides/upgrade/',
  settles: true,
  reads: [DEPLOYMENT],
  run: async (facts) => {
    const parts = (await facts.list(DEPLOYMENT)).filter((deployment) => osmMesh.isPart(deployment));
    const versions = [...new Set(parts.flatMap((part) => versionOfWorkload(part) ?? []))].sort();
    if (versions.length === 0) return { is: 'skipped', reason: 'The Deployments do not tell their version.' };
    if (versions.length === 1) return { is: 'ok', reason: `${versions[0]}.` };
    return {
      is: 'warning',
      reason: `Versions ${quotedList(versions)} run beside each other.`,
      hint: 'Run "osm mesh upgrade", and wait until it is done.',
      affected: parts.map((resource) => ({ resource, detail: `It is ${versionOfWorkload(resource) ?? 'of no stated version'}.` })),
    };
  },
});

export const namespacesMonitored: Check = needingPlane(osmMesh, {
  id: 'osm/namespaces-monitored',
  category: 'injection',
  title: 'Every namespace that is marked for a mesh is marked for one that exists.',
  why: 'No control plane watches such a namespace: its pods get no sidecar and no policy.',
  docs: 'https://docs.openservicemesh.io/docs/guides/app_onboarding/namespaces/',
  reads: [NAMESPACE],
  run: async (facts) => {
    const names = (await corePlanes(osmMesh, facts)).map(meshNameOf);
    const marked = (await facts.list(NAMESPACE)).filter((each) => osmMesh.marks(each) && (facts.namespace ?? each.name) === each.name);
    const lost = marked.filter(({ labels }) => !names.includes(labels[MONITORED_BY] ?? ''));
    const [first] = lost;
    if (!first || names.includes('')) return { is: 'ok', reason: `${count(marked.length, 'namespace')}.` };
    return {
      is: 'warning',
      reason: `${count(lost.length, 'namespace')} ${lost.length === 1 ? 'is' : 'are'} marked for a mesh that is not in this cluster.`,
      hint: `Run "kubectl label namespace ${first.name} ${MONITORED_BY}=${names[0]} --overwrite", or remove the label.`,
      affected: lost.map((resource) => ({ resource, detail: `It is marked for mesh "${resource.labels[MONITORED_BY]}".` })),
    };
  },
});

/** Empty for a controller that does not tell. */
const meshNameOf = ({ labels }: Resource): string => labels['meshName'] ?? labels['app.kubernetes.io/instance'] ?? '';

export const authorityValid: Check = needingPlane(osmMesh, {
  id: 'osm/authority-certificate-valid',
  category: 'certificates',
  title: 'The certificate of the authority that the mesh trusts is in date.',
  why: 'Proxies trust neither each other nor the control plane once it has ended.',
  docs: 'https://docs.openservicemesh.io/docs/guides/certificates/',
  run: async (facts) =>
    secretCertificatesValid(
      facts,
      (await corePlanes(osmMesh, facts)).map((plane) => ({
        ...{ kind: SECRET, namespace: plane.namespace, name: authoritySecretOf(plane) },
        ...{ key: 'ca.crt', isBundle: true },
      })),
      {
        meaning: 'The authority of the mesh has ended: proxies trust neither each other nor the control plane.',
        hint: 'Delete the Secret and restart osm-bootstrap, osm-controller and osm-injector, which make a new authority, then restart all workloads of the mesh.',
      },
    ),
});

function authoritySecretOf(plane: Resource): string {
  const args = templateContainers(plane).flatMap((container) => stringsAt(container, 'args').map(({ value }) => value));
  const flag = args.indexOf('--ca-bundle-secret-name');
  return (flag < 0 ? undefined : args[flag + 1]) ?? 'osm-ca-bundle';
}
