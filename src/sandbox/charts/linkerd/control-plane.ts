/** The control plane as a chart: the objects of the scenarios, with expressions in the place of what an installation decides. */
import type { KeyObject } from 'node:crypto';
import { sha256 } from '../../../text/hash.ts';
import { writeYaml } from '../../../text/yaml-write.ts';
import { controlPlaneObjects } from '../../linkerd/control-plane.ts';
import { VERSION } from '../../linkerd/names.ts';
import { type MeshTrust, SERVING, type ServingName } from '../../linkerd/trust.ts';
import type { Certificate } from '../../pki/certificate.ts';
import type { Written } from '../../scenarios/_objects.ts';
import type { ChartSource } from '../chart-source.ts';
import { releases } from './releases.ts';

/** Words that stand in the objects until the expressions take their places. */
const ANCHORS = 'TheTrustAnchors';
const ISSUER = 'TheIssuer';
const ISSUER_KEY = 'TheKeyOfTheIssuer';
const certificateOf = (name: string): string => `TheCertificateOf-${name}`;
const keyOf = (name: string): string => `TheKeyOf-${name}`;

const OWN_SERVICES = (Object.keys(SERVING) as ServingName[]).filter((name) => SERVING[name] === 'linkerd');

const expressions: readonly (readonly [word: string, expression: string])[] = [
  [sha256(ANCHORS), '{{ .Values.identityTrustAnchorsPEM | trim | sha256sum }}'],
  ...inTextAndBase64(ANCHORS, '.Values.identityTrustAnchorsPEM | trim'),
  ...inTextAndBase64(ISSUER_KEY, '.Values.identity.issuer.tls.keyPEM | trim'),
  ...inTextAndBase64(ISSUER, '.Values.identity.issuer.tls.crtPEM | trim'),
  ...OWN_SERVICES.flatMap((name) => [
    ...inTextAndBase64(certificateOf(name), `(get $serving "${name}").Cert`),
    ...inTextAndBase64(keyOf(name), `(get $serving "${name}").Key`),
  ]),
  ['linkerd/cli', 'linkerd/helm'],
  [VERSION, '{{ .Values.linkerdVersion | default .Chart.AppVersion }}'],
];

/** Texts of several lines are written as JSON, which is YAML on one line. */
function inTextAndBase64(word: string, expression: string): readonly (readonly [string, string])[] {
  return [
    [word, `{{ ${expression} | toJson }}`],
    [Buffer.from(word).toString('base64'), `{{ ${expression} | b64enc }}`],
  ];
}

function template(objects: readonly Written[]): string {
  const text = objects.map((each) => writeYaml(each)).join('---\n');
  return expressions.reduce((written, [word, expression]) => written.replaceAll(word, expression), text);
}

/** Each webhook's certificate is its own authority, and stands in a Secret and in the webhook's configuration. */
const serving = `{{- $serving := dict }}
{{- range $name := list ${OWN_SERVICES.map((name) => `"${name}"`).join(' ')} }}
{{- $host := printf "%s.%s.svc" $name $.Release.Namespace }}
{{- $_ := set $serving $name (genSelfSignedCert $host (list) (list $host) 365) }}
{{- end }}
`;

const words = (certificatePem: string, keyPem: string): Certificate => ({
  ...{ certificatePem, keyPem, subject: new Uint8Array(), keyId: new Uint8Array() },
  key: { export: () => keyPem } as unknown as KeyObject,
});

const trust: MeshTrust = {
  anchor: words(ANCHORS, ''),
  issuer: words(ISSUER, ISSUER_KEY),
  issuerNotAfter: 0,
  serving: Object.fromEntries(Object.keys(SERVING).map((name) => [name, words(certificateOf(name), keyOf(name))])) as MeshTrust['serving'],
};

/** Definitions are another chart's; the namespace is made before the release, and the overrides are the linkerd CLI's. */
const isOwn = ({ kind, metadata }: Written): boolean =>
  kind !== 'CustomResourceDefinition' && kind !== 'Namespace' && metadata.name !== 'linkerd-config-overrides';

const isServed = ({ kind, metadata }: Written): boolean => kind.endsWith('WebhookConfiguration') || metadata.name.endsWith('-k8s-tls');

const REQUIRED = `{{- if not .Values.identityTrustAnchorsPEM }}{{ fail "identityTrustAnchorsPEM is empty: Linkerd needs a trust anchor." }}{{ end }}
{{- if not .Values.identity.issuer.tls.keyPEM }}{{ fail "identity.issuer.tls.keyPEM is empty: Linkerd needs the certificate and the key of an issuer." }}{{ end }}
`;

/** Made when it is asked for, as few sandboxes serve charts. */
export function controlPlane(): ChartSource {
  const objects = controlPlaneObjects(trust).filter(isOwn);
  return {
    name: 'linkerd-control-plane',
    description: 'The control plane of Linkerd in the sandbox',
    releases,
    files: {
      'values.yaml': `linkerdVersion: ""
identityTrustAnchorsPEM: ""
identity:
  issuer:
    scheme: linkerd.io/tls
    tls:
      crtPEM: ""
      keyPEM: ""
`,
      'templates/webhooks.yaml': `${serving}${template(objects.filter(isServed))}`,
      'templates/control-plane.yaml': `${REQUIRED}${template(objects.filter((each) => !isServed(each)))}`,
      'templates/NOTES.txt': 'Linkerd {{ .Chart.AppVersion }} runs in namespace {{ .Release.Namespace }}.\n',
    },
  };
}
