/** Who a proxy is in the mesh, until when, and whom it trusts. */
import { stringAt } from '../../../model/body.ts';
import { type AskedProxy, objectPart } from '../../../model/proxy-part.ts';
import { readCertificates } from '../../../text/pem.ts';
import { timeText, validity } from '../../../text/table-cells.ts';
import { count } from '../../../text/words.ts';
import { trustRootsRef } from '../identity.ts';
import { ifPermitted } from '../if-permitted.ts';
import { CONTROL_PLANE_NS } from '../kinds.ts';
import { readProxyMetrics } from '../proxy-metrics.ts';
import { environment, liveProxy, METRICS, rawMetrics } from './sources.ts';

interface Anchor {
  readonly subject: string;
  readonly serial: string;
  readonly notBefore: number;
  readonly notAfter: number;
}

interface Identity {
  /** `web.shop.serviceaccount.identity.linkerd.cluster.local`; undefined for a proxy without one. */
  readonly name?: string | undefined;
  readonly trustDomain?: string | undefined;
  /** Of the identity service. */
  readonly controller?: string | undefined;
  /** RFC 3339; undefined before it has a certificate. */
  readonly issuedAt?: string | undefined;
  readonly notAfter?: number | undefined;
  readonly renewals: number;
  readonly failedRenewals: number;
  readonly trustAnchors: readonly Anchor[];
  /** Whether the proxy trusts the anchors that the control plane has now; undefined when they cannot be read. */
  readonly anchorsAreCurrent?: boolean | undefined;
}

async function identityOf(proxy: AskedProxy): Promise<Identity> {
  const { pod, cluster } = liveProxy(proxy);
  const variable = await environment(proxy);
  const { certificate, renewals, failedRenewals } = readProxyMetrics(await proxy.text(METRICS));
  const name = variable('LINKERD2_PROXY_IDENTITY_LOCAL_NAME');
  const anchors = readCertificates(variable('LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS') ?? '');
  const plane = pod.labels[CONTROL_PLANE_NS];
  const map = plane === undefined ? undefined : await ifPermitted(cluster.get(trustRootsRef({ namespace: plane })));
  const current = map && readCertificates(stringAt(map.body, 'data', 'ca-bundle.crt') ?? '');
  const prints = (certificates: typeof anchors): string =>
    certificates
      .map(({ fingerprint }) => fingerprint)
      .sort()
      .join();
  return {
    name,
    // Behind the namespace of the control plane, which is one label.
    trustDomain: name?.split('.serviceaccount.identity.')[1]?.replace(/^[^.]+\./, ''),
    controller: variable('LINKERD2_PROXY_IDENTITY_SVC_ADDR'),
    issuedAt: certificate?.issuedAt === undefined ? undefined : new Date(certificate.issuedAt).toISOString(),
    notAfter: certificate?.expiresAt,
    ...{ renewals, failedRenewals },
    trustAnchors: anchors.map(({ subject, serial, notBefore, notAfter }) => ({
      subject,
      serial: serial.toLowerCase(),
      notBefore,
      notAfter,
    })),
    anchorsAreCurrent: current === undefined || anchors.length === 0 ? undefined : prints(current) === prints(anchors),
  };
}

export const identity = objectPart<Identity>({
  value: identityOf,
  lines: (value, now) => [
    ['Identity:', value.name ?? 'none'],
    ...(value.trustDomain === undefined ? [] : [['Trust domain:', value.trustDomain]]),
    ...(value.controller === undefined ? [] : [['Identity service:', value.controller]]),
    ['Certificate:', certificateText(value, now)],
    ...(value.issuedAt === undefined ? [] : [['Issued:', timeText(Date.parse(value.issuedAt))]]),
    [
      'Given:',
      `${count(value.renewals, 'certificate')} since the proxy started${value.failedRenewals > 0 ? `, and ${count(value.failedRenewals, 'failure')}` : ''}`,
    ],
    ...value.trustAnchors.map(({ subject, notBefore, notAfter }, index) => [
      index === 0 ? 'Trusts:' : '',
      `${subject}, valid: ${validity({ notBefore, notAfter }, now)}, until ${timeText(notAfter)}`,
    ]),
    ...(value.anchorsAreCurrent === undefined
      ? []
      : [['', value.anchorsAreCurrent ? 'the same as the control plane' : 'not the same as the control plane; restart the pod']]),
  ],
  raw: rawMetrics,
});

function certificateText({ issuedAt, notAfter }: Identity, now: number): string {
  if (notAfter === undefined) return 'none yet';
  const valid = validity({ notBefore: issuedAt === undefined ? 0 : Date.parse(issuedAt), notAfter }, now);
  return `valid: ${valid}, until ${timeText(notAfter)}`;
}
