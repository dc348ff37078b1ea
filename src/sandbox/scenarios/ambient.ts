import { objectAt, stringAt } from '../../model/body.ts';
import { together } from '../programs/together.ts';
import { AMBIENT, agents, cniAgent, waypoint } from './_ambient.ts';
import { bookinfoMesh } from './_bookinfo.ts';
import { BOOKINFO } from './_names.ts';
import { namespace, object, service, type Written } from './_objects.ts';
import type { Scenario } from './_scenario.ts';

const WAYPOINT = 'waypoint';
const VERSIONS = ['v1', 'v2', 'v3'];

/** In ambient mode routes and policies of HTTP belong to Services, for which the waypoint acts. */
function attached(written: Written): Written | undefined {
  const { kind, metadata } = written;
  const { name } = metadata;
  if (kind === 'Namespace') return namespace(name, { ...AMBIENT, 'istio.io/use-waypoint': WAYPOINT });
  if (kind === 'VirtualService' && name === 'reviews') return reviewsRoute();
  if (kind !== 'AuthorizationPolicy') return undefined;
  const { selector, ...spec } = objectAt(written, 'spec');
  const targetRefs = [{ group: '', kind: 'Service', name: stringAt(selector, 'matchLabels', 'app') }];
  return object('security.istio.io/v1', kind, BOOKINFO, name, { spec: { targetRefs, ...spec } });
}

const reviewsRoute = (): Written =>
  object('gateway.networking.k8s.io/v1', 'HTTPRoute', BOOKINFO, 'reviews', {
    spec: {
      parentRefs: [{ group: '', kind: 'Service', name: 'reviews', port: 9080 }],
      rules: [{ backendRefs: VERSIONS.map((version) => ({ name: `reviews-${version}`, port: 9080, weight: version === 'v1' ? 80 : 10 })) }],
    },
  });

const versionServices = (): readonly Written[] =>
  VERSIONS.map((version) => service(BOOKINFO, `reviews-${version}`, { app: 'reviews', version }, [{ name: 'http', port: 9080 }]));

export const ambient: Scenario = {
  name: 'ambient',
  summary: 'the bookinfo application in ambient mode: ztunnel, a waypoint, and no sidecars',
  options: () => {
    const mesh = bookinfoMesh({ replace: attached, more: [...agents(), ...waypoint(BOOKINFO, WAYPOINT), ...versionServices()] });
    return { ...mesh, programs: together(cniAgent, ...(mesh.programs ? [mesh.programs] : [])) };
  },
};
