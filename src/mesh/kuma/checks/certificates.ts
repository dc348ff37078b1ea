/** The certificates of Kuma: what the control plane serves with, and what its proxies show each other. */
import { objectAt } from '../../../model/body.ts';
import type { Affected, Check } from '../../../model/check.ts';
import { lifetimeOf } from '../../checks/certificates.ts';
import { mountedSecrets, secretCertificatesValid } from '../../checks/secret-certificates.ts';
import { corePlanes, needingPlane } from '../../checks/sidecar-mesh.ts';
import { connectionOf, DATAPLANE_INSIGHT, timeAt } from '../insights.ts';
import { kumaMesh, ofThisCluster } from '../sidecar-mesh.ts';
import { DEFINITIONS_SERVED } from './control-plane.ts';

const CERTIFICATES = 'https://kuma.io/docs/latest/production/secure-deployment/certificates/';

const controlPlaneValid = needingPlane(kumaMesh, {
  id: 'kuma/control-plane-certificate-valid',
  category: 'certificates',
  title: 'The certificate that the control plane serves with is in date.',
  why: 'Neither the proxies nor the API server trust the control plane once it has ended.',
  docs: CERTIFICATES,
  run: async (facts) => {
    const secrets = (await corePlanes(kumaMesh, facts)).flatMap((plane) =>
      mountedSecrets(plane, ['general-tls-cert', 'general-tls-cert-ca']),
    );
    const keys = secrets.flatMap((secret) => [
      { ...secret, key: 'tls.crt' },
      { ...secret, key: 'ca.crt', isBundle: true },
    ]);
    return secretCertificatesValid(facts, keys, {
      meaning: 'Neither the proxies nor the API server can trust the control plane.',
      hint: 'Delete the Secret and upgrade the release, which makes a new one, then restart the control plane and the workloads; or renew it where you keep it.',
    });
  },
});

const proxiesValid = needingPlane(kumaMesh, {
  id: 'kuma/proxy-certificates-valid',
  category: 'certificates',
  title: 'The certificate of every connected proxy is renewed in time.',
  why: 'Other proxies refuse a proxy whose certificate has ended.',
  docs: 'https://kuma.io/docs/latest/policies/mutual-tls/',
  settles: true,
  needs: [DEFINITIONS_SERVED],
  reads: [DATAPLANE_INSIGHT],
  run: async (facts) => {
    const judged = (await ofThisCluster(facts, DATAPLANE_INSIGHT)).flatMap((resource) => {
      const mtls = objectAt(resource.body, 'status', 'mTLS');
      const [notBefore, notAfter] = [timeAt(mtls, 'lastCertificateRegeneration'), timeAt(mtls, 'certificateExpirationTime')];
      if (!connectionOf(resource) || Number.isNaN(notBefore) || Number.isNaN(notAfter)) return [];
      // Made a moment ago by the clock of the control plane.
      return [{ resource, ...lifetimeOf({ notBefore: Math.min(notBefore, facts.now), notAfter }, facts.now) }];
    });
    const bad = judged.filter(({ is }) => is !== 'ok');
    if (bad.length === 0)
      return { is: 'ok', reason: judged.length === 0 ? 'No proxy has a certificate.' : `${judged.length} of ${judged.length}.` };
    return {
      is: bad.some(({ is }) => is === 'failed') ? 'failed' : 'warning',
      reason: `The control plane has not renewed the certificates of ${bad.length} of ${judged.length} proxies.`,
      hint: 'Look in the log of the control plane for trouble with the backend that issues certificates: the authority of the Mesh may have ended.',
      affected: bad.map(({ resource, words }): Affected => ({ resource, detail: `The certificate of its proxy ${words}.` })),
    };
  },
});

export const certificateChecks: readonly Check[] = [controlPlaneValid, proxiesValid];
