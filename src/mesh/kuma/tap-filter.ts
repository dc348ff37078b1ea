/**
 * The MeshProxyPatch by which Kuma's proxies of one workload can be tapped. It lies in the namespace of the workload, as policies
 * that concern nobody else may.
 * @see https://kuma.io/docs/latest/policies/meshproxypatch/
 */
import { itemsAt, stringAt } from '../../model/body.ts';
import type { Resource } from '../../model/resource.ts';
import { TAP_LABEL, type TapChange } from '../../model/tap.ts';
import { parseVersion } from '../../text/semver.ts';
import { versionOfImage } from '../checks/images.ts';
import { TAP_FILTER, tapSelector } from '../proxies/tap-filter.ts';
import { SIDECAR } from './sidecar-mesh.ts';

const API_VERSION = 'kuma.io/v1alpha1';
const KIND = 'kuma.io/MeshProxyPatch';
const MESH = 'kuma.io/mesh';

export const tapFilter: TapChange = {
  kind: KIND,
  objectFor: (pods) => {
    const selector = tapSelector(pods);
    const [mesh, ...otherMeshes] = [...new Set(pods.map(meshOf))];
    if (!selector || mesh === undefined || otherMeshes.length > 0 || !pods.every(selectsByLabels)) return undefined;
    const { namespace, name, labels } = selector;
    const { typed_config: typedConfig } = TAP_FILTER;
    const body = {
      apiVersion: API_VERSION,
      kind: 'MeshProxyPatch',
      metadata: { name, namespace, labels: { [MESH]: mesh, [TAP_LABEL]: '0' } },
      spec: {
        targetRef: { kind: 'Dataplane', labels },
        // The filter is a text there; JSON is YAML too.
        default: {
          appendModifications: [{ httpFilter: { operation: 'AddFirst', value: JSON.stringify({ name: TAP_FILTER.name, typedConfig }) } }],
        },
      },
    };
    return { kind: KIND, namespace, name, body, selects: labels };
  },
};

const meshOf = ({ labels, annotations }: Resource): string => labels[MESH] ?? annotations[MESH] ?? 'default';

/** Since 2.10 policies choose proxies by the labels of their pods; before, by tags that depend on the services. */
function selectsByLabels({ body }: Resource): boolean {
  const containers = [...itemsAt(body, 'spec', 'containers'), ...itemsAt(body, 'spec', 'initContainers')];
  const image = stringAt(containers.find(({ item }) => item['name'] === SIDECAR)?.item, 'image') ?? '';
  const version = parseVersion(versionOfImage(image) ?? '');
  return version === undefined || version.major > 2 || (version.major === 2 && version.minor >= 10);
}
