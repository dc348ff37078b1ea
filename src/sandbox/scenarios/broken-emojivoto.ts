import { objectAt } from '../../model/body.ts';
import { VIZ_NAMESPACE } from '../linkerd/names.ts';
import { meshTrust, servingCertificate, trustAnchor } from '../linkerd/trust.ts';
import { emojivotoMesh } from './_emojivoto.ts';
import type { Written } from './_objects.ts';
import type { Scenario } from './_scenario.ts';

const OLD = 'edge-26.5.2';

/**
 * What users of Linkerd meet in the long run, all at once:
 * - The issuer's certificate expires in ten days; then proxies could no longer renew theirs.
 * - The pod of emoji trusts another bundle than the ConfigMap of the trust roots holds: the anchor that was rotated out too.
 * - The pod of voting runs the proxy of an older release.
 * - The pod of vote-bot was created before injection was enabled, and has no proxy.
 * - The Service voting-svc says that its port is opaque, and its pods do not.
 * - A setting of the proxy is a label of web's pods, where the injector does not look; it has to be an annotation.
 * - The APIService of tap trusts another certificate than the tap API serves with, so that it is not available.
 */
export const brokenEmojivoto: Scenario = {
  name: 'broken-emojivoto',
  summary: `emojivoto, but Linkerd's issuer expires soon, tap is unavailable, and each workload has a fault of its own`,
  options: () => {
    const trust = meshTrust(10);
    const rotatedOut = trustAnchor().certificatePem;
    return emojivotoMesh({
      trust,
      tapAuthority: servingCertificate('tap', VIZ_NAMESPACE).certificatePem,
      before: (app, injection) => {
        if (app === 'vote-bot') return undefined;
        if (app === 'emoji-svc') return { ...injection, trustAnchors: `${rotatedOut}${injection.trustAnchors}` };
        return app === 'voting-svc' ? { ...injection, version: OLD } : injection;
      },
      replace: withFaults,
    });
  },
};

function withFaults(object: Written): Written | undefined {
  const { kind, metadata } = object;
  if (kind === 'Service' && metadata.name === 'voting-svc')
    return { ...object, metadata: { ...metadata, annotations: { 'config.linkerd.io/opaque-ports': '8080' } } };
  if (kind !== 'Deployment' || metadata.name !== 'web') return undefined;
  const [spec, template] = [objectAt(object, 'spec'), objectAt(object, 'spec', 'template')];
  const labels = { ...objectAt(template, 'metadata', 'labels'), 'config.linkerd.io/proxy-cpu-request': '100m' };
  return { ...object, ...{ spec: { ...spec, template: { ...template, metadata: { labels } } } } };
}
