/** The control plane. Several of them stand side by side, told apart by their revisions. */
import { HUB } from '../../scenarios/_names.ts';
import type { ChartSource } from '../chart-source.ts';
import { releases } from './releases.ts';
import { webhooksTemplate } from './webhooks.ts';

const values = `global:
  hub: ${HUB}
  # The version of the chart, when it is empty.
  tag: ""
  istioNamespace: istio-system
  proxy:
    image: proxyv2
    autoInject: enabled
    clusterDomain: cluster.local
  proxy_init:
    image: proxyv2
revision: ""
replicaCount: 1
resources:
  requests:
    cpu: 500m
    memory: 2048Mi
podAnnotations: {}
env: {}
meshConfig:
  enablePrometheusMerge: true
  trustDomain: cluster.local
sidecarInjectorWebhook:
  enableNamespacesByDefault: false
  injectedAnnotations: {}
`;

const schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  properties: {
    replicaCount: { type: 'integer', minimum: 0 },
    revision: { type: 'string', pattern: '^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$' },
    podAnnotations: { type: 'object' },
    meshConfig: { type: 'object' },
    global: { type: 'object', properties: { hub: { type: 'string' }, tag: { type: ['string', 'number'] } } },
  },
};

const names = `{{- define "istiod.name" -}}
istiod{{ with .Values.revision }}{{ if ne . "default" }}-{{ . }}{{ end }}{{ end }}
{{- end }}
{{- define "istiod.suffix" -}}
{{ with .Values.revision }}{{ if ne . "default" }}-{{ . }}{{ end }}{{ end }}
{{- end }}
{{- define "istiod.tag" -}}
{{ .Values.global.tag | default .Chart.AppVersion }}
{{- end }}
{{- define "istiod.labels" -}}
app: istiod
istio.io/rev: {{ .Values.revision | default "default" | quote }}
release: {{ .Release.Name }}
operator.istio.io/component: Pilot
install.operator.istio.io/owning-resource: unknown
app.kubernetes.io/name: istiod
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/part-of: istio
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}
`;

const access = `apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "istiod.name" . }}
  namespace: {{ .Release.Namespace }}
  labels: {{- include "istiod.labels" . | nindent 4 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: istiod-clusterrole{{ include "istiod.suffix" . }}-{{ .Release.Namespace }}
  labels: {{- include "istiod.labels" . | nindent 4 }}
rules:
{{- range $group := list "networking.istio.io" "security.istio.io" "telemetry.istio.io" "extensions.istio.io" }}
  - apiGroups: [{{ $group }}]
    resources: ["*"]
    verbs: [get, list, watch, update]
{{- end }}
  - apiGroups: ["", apps, discovery.k8s.io, gateway.networking.k8s.io]
    resources: ["*"]
    verbs: [get, list, watch]
  - apiGroups: [admissionregistration.k8s.io]
    resources: ["*"]
    verbs: [get, list, watch, update, patch]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: istiod-clusterrole{{ include "istiod.suffix" . }}-{{ .Release.Namespace }}
  labels: {{- include "istiod.labels" . | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: istiod-clusterrole{{ include "istiod.suffix" . }}-{{ .Release.Namespace }}
subjects:
  - kind: ServiceAccount
    name: {{ include "istiod.name" . }}
    namespace: {{ .Release.Namespace }}
`;

const config = `apiVersion: v1
kind: ConfigMap
metadata:
  name: istio{{ include "istiod.suffix" . }}
  namespace: {{ .Release.Namespace }}
  labels: {{- include "istiod.labels" . | nindent 4 }}
data:
  {{- $address := printf "%s.%s.svc:15012" (include "istiod.name" .) .Release.Namespace }}
  {{- $own := dict "defaultConfig" (dict "discoveryAddress" $address) "rootNamespace" .Values.global.istioNamespace }}
  mesh: |- {{- mergeOverwrite $own .Values.meshConfig | toYaml | nindent 4 }}
  meshNetworks: "networks: {}"
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: istio-sidecar-injector{{ include "istiod.suffix" . }}
  namespace: {{ .Release.Namespace }}
  labels: {{- include "istiod.labels" . | nindent 4 }}
data:
  {{- $global := mergeOverwrite (deepCopy .Values.global) (dict "tag" (include "istiod.tag" .)) }}
  values: {{ dict "global" $global "revision" .Values.revision "sidecarInjectorWebhook" .Values.sidecarInjectorWebhook | toPrettyJson | quote }}
  config: |-
    policy: {{ .Values.global.proxy.autoInject }}
    alwaysInjectSelector: []
    neverInjectSelector: []
    defaultTemplates: [sidecar]
`;

const service = `apiVersion: v1
kind: Service
metadata:
  name: {{ include "istiod.name" . }}
  namespace: {{ .Release.Namespace }}
  labels: {{- include "istiod.labels" . | nindent 4 }}
spec:
  selector:
    app: istiod
    istio.io/rev: {{ .Values.revision | default "default" | quote }}
  ports:
    - { name: grpc-xds, port: 15010, protocol: TCP }
    - { name: https-dns, port: 15012, protocol: TCP }
    - { name: https-webhook, port: 443, targetPort: 15017, protocol: TCP }
    - { name: http-monitoring, port: 15014, protocol: TCP }
`;

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "istiod.name" . }}
  namespace: {{ .Release.Namespace }}
  labels:
    istio: pilot
    {{- include "istiod.labels" . | nindent 4 }}
spec:
  replicas: {{ .Values.replicaCount }}
  selector:
    matchLabels:
      app: istiod
      istio.io/rev: {{ .Values.revision | default "default" | quote }}
  template:
    metadata:
      labels:
        app: istiod
        istio: pilot
        istio.io/rev: {{ .Values.revision | default "default" | quote }}
        sidecar.istio.io/inject: "false"
      annotations:
        prometheus.io/port: "15014"
        checksum/config: {{ include (print .Template.BasePath "/config.yaml") . | sha256sum }}
        {{- with .Chart.Annotations }}{{ with index . "sandbox.meshctl.dev/fate" }}
        sandbox.meshctl.dev/fate: {{ . }}
        {{- end }}{{ end }}
        {{- with .Values.podAnnotations }}{{ toYaml . | nindent 8 }}{{ end }}
    spec:
      serviceAccountName: {{ include "istiod.name" . }}
      containers:
        - name: discovery
          image: {{ .Values.global.hub }}/pilot:{{ include "istiod.tag" . }}
          args: [discovery, --monitoringAddr=:15014, --domain, {{ .Values.global.proxy.clusterDomain }}]
          ports:
            - { name: http-debug, containerPort: 8080, protocol: TCP }
            - { name: grpc-xds, containerPort: 15010, protocol: TCP }
            - { name: tls-xds, containerPort: 15012, protocol: TCP }
            - { name: https-webhooks, containerPort: 15017, protocol: TCP }
            - { name: http-monitoring, containerPort: 15014, protocol: TCP }
          readinessProbe:
            httpGet: { path: /ready, port: 8080 }
            initialDelaySeconds: 1
            periodSeconds: 3
          env:
            - name: REVISION
              value: {{ .Values.revision | default "default" | quote }}
            - name: POD_NAMESPACE
              valueFrom: { fieldRef: { fieldPath: metadata.namespace } }
            {{- range $name, $value := .Values.env }}
            - name: {{ $name }}
              value: {{ $value | quote }}
            {{- end }}
          resources: {{- toYaml .Values.resources | nindent 12 }}
`;

const preflight = `apiVersion: batch/v1
kind: Job
metadata:
  name: {{ include "istiod.name" . }}-preflight
  namespace: {{ .Release.Namespace }}
  annotations:
    helm.sh/hook: pre-install,pre-upgrade
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: preflight
          image: {{ .Values.global.hub }}/pilot:{{ include "istiod.tag" . }}
          args: [version]
`;

export const istiod: ChartSource = {
  name: 'istiod',
  description: 'The control plane of Istio in the sandbox',
  releases: releases,
  files: {
    'values.yaml': values,
    'values.schema.json': `${JSON.stringify(schema, undefined, 2)}\n`,
    'templates/_names.tpl': names,
    'templates/access.yaml': access,
    'templates/config.yaml': config,
    'templates/service.yaml': service,
    'templates/deployment.yaml': deployment,
    'templates/preflight.yaml': preflight,
    'templates/webhooks.yaml': webhooksTemplate,
    'templates/NOTES.txt': `{{ include "istiod.name" . }} {{ include "istiod.tag" . }} runs in namespace {{ .Release.Namespace }}.
Label a namespace to give its pods a sidecar:
  kubectl label namespace default {{ with .Values.revision }}istio.io/rev={{ . }}{{ else }}istio-injection=enabled{{ end }}
`,
  },
};
