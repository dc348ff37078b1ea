/** Injection and validation. istiod fills in the authority when it starts, so the templates leave it out. */

const COMMON = `    admissionReviewVersions: [v1]
    sideEffects: None`;

/** @param selectors of namespaces and of pods, as lists in flow style */
const injector = (name: string, namespaces: string, pods: string): string => `  - name: ${name}.sidecar-injector.istio.io
${COMMON}
    failurePolicy: Fail
    clientConfig:
      service: { name: {{ include "istiod.name" . }}, namespace: {{ .Release.Namespace }}, path: /inject, port: 443 }
    namespaceSelector:
      matchExpressions: ${namespaces}
    objectSelector:
      matchExpressions: ${pods}
    rules:
      - { operations: [CREATE], apiGroups: [""], apiVersions: [v1], resources: [pods] }
`;

const expression = (key: string, operator: string, value?: string): string =>
  `{ key: ${key}, operator: ${operator}${value === undefined ? '' : `, values: [${value}]`} }`;

const list = (...expressions: readonly string[]): string => `[${expressions.join(', ')}]`;

const REVISION = '{{ .Values.revision | default "default" | quote }}';
const ofRevision = expression('istio.io/rev', 'In', REVISION);
const noRevision = expression('istio.io/rev', 'DoesNotExist');
const noLabel = expression('istio-injection', 'DoesNotExist');
const notOut = expression('sidecar.istio.io/inject', 'NotIn', '"false"');

const metadata = (name: string, app: string): string => `metadata:
  name: ${name}{{ include "istiod.suffix" . }}${app === 'istiod' ? '-{{ .Release.Namespace }}' : ''}
  labels: {{- omit (include "istiod.labels" . | fromYaml) "app" | toYaml | nindent 4 }}
    app: ${app}`;

export const webhooksTemplate = `apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
${metadata('istio-sidecar-injector', 'sidecar-injector')}
webhooks:
${injector('rev.namespace', list(ofRevision, noLabel), list(notOut))}${injector('rev.object', list(noRevision, noLabel), list(notOut, ofRevision))}
{{- if has .Values.revision (list "" "default") }}
${injector('namespace', list(expression('istio-injection', 'In', 'enabled')), list(notOut))}${injector('object', list(noLabel, noRevision), list(expression('sidecar.istio.io/inject', 'In', '"true"'), noRevision))}
{{- end }}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
${metadata('istio-validator', 'istiod')}
webhooks:
  - name: rev.validation.istio.io
${COMMON}
    # istiod makes it "Fail" when it can answer.
    failurePolicy: Ignore
    clientConfig:
      service: { name: {{ include "istiod.name" . }}, namespace: {{ .Release.Namespace }}, path: /validate, port: 443 }
    objectSelector:
      matchExpressions: ${list(ofRevision)}
    rules:
      - operations: [CREATE, UPDATE]
        apiGroups: [security.istio.io, networking.istio.io, telemetry.istio.io, extensions.istio.io]
        apiVersions: ["*"]
        resources: ["*"]
`;
