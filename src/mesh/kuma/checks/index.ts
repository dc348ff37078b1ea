/** Every check of Kuma, each behind those that it needs. */
import { stringAt } from '../../../model/body.ts';
import type { Check } from '../../../model/check.ts';
import { controlPlaneChecks } from '../../checks/control-plane-checks.ts';
import { dataPlaneChecks } from '../../checks/data-plane-checks.ts';
import { versionOfImage } from '../../checks/images.ts';
import { injectionChecks } from '../../checks/injection-checks.ts';
import { versionsCheck } from '../../checks/versions-check.ts';
import { connectionOf, DATAPLANE_INSIGHT } from '../insights.ts';
import { kumaMesh, ofThisCluster } from '../sidecar-mesh.ts';
import { certificateChecks } from './certificates.ts';
import { stateChecks } from './control-plane.ts';
import { envoysCompatible, proxyChecks } from './proxies.ts';

const versionsSupported = versionsCheck(kumaMesh, {
  docs: 'https://kuma.io/docs/latest/production/upgrades-tuning/upgrades/',
  mostBehind: 2,
  // What runs in an image of one's own is known to the control plane only.
  versionOf: async (facts) => {
    const stated = new Map(
      (await ofThisCluster(facts, DATAPLANE_INSIGHT)).map((insight) => [
        `${insight.namespace}/${insight.name}`,
        stringAt(connectionOf(insight)?.version, 'kumaDp', 'version'),
      ]),
    );
    return ({ pod, image }) => stated.get(`${pod.namespace}/${pod.name}`) ?? versionOfImage(image);
  },
});

export const checks: readonly Check[] = [
  ...controlPlaneChecks(kumaMesh),
  ...stateChecks,
  ...injectionChecks(kumaMesh),
  ...certificateChecks,
  versionsSupported,
  envoysCompatible,
  ...dataPlaneChecks(kumaMesh),
  ...proxyChecks,
];
