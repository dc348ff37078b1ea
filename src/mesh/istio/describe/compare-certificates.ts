import type { Trouble } from '../../../model/describe.ts';
import { quotedRef } from '../../../model/resource.ts';
import { LEAST_LEFT_OF_WORKLOADS, lifetimeOf } from '../../checks/certificates.ts';
import type { AskedEnvoy } from './compare.ts';
import { named } from './scene.ts';

/** The proxy's own certificate, the roots it trusts, and those it serves hosts with. */
export function certificateTroubles({ pod, config, now }: AskedEnvoy): readonly Trouble[] {
  return config.secrets.flatMap(({ name, type, notBefore, notAfter }): readonly Trouble[] => {
    if (notBefore === undefined || notAfter === undefined) return [];
    const isOwn = name === 'default';
    const { is, words } = lifetimeOf({ notBefore, notAfter }, now, isOwn ? LEAST_LEFT_OF_WORKLOADS : undefined);
    if (is === 'ok') return [];
    const what = isOwn ? 'certificate' : type === 'authority' ? `trusted root "${name}"` : `certificate "${name}"`;
    return [
      {
        id: 'istio/certificate-expired',
        severity: is === 'failed' ? 'error' : 'warning',
        isDifference: false,
        message: `The ${what} of the proxy of ${quotedRef(pod)} ${words}.`,
        hint: isOwn
          ? `Run "kubectl -n ${pod.namespace} logs ${pod.name} -c istio-proxy" for why it gets no new one from istiod, and delete the pod to have it start anew.`
          : 'Renew the certificate in its Secret; the proxy takes the new one by itself.',
        objects: [named(pod)],
      },
    ];
  });
}
