/** What carries traffic: gateways, the node agent that redirects pods, and the proxy of each node. */
import { HUB } from '../../scenarios/_names.ts';
import type { ChartSource } from '../chart-source.ts';
import { releases } from './releases.ts';

const labels = `{{- define "labels" -}}
app: {{ .Release.Name }}
release: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: istio
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}
{{- define "account" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
  labels: {{- include "labels" . | nindent 4 }}
{{- end }}
`;

const globals = `global:
  hub: ${HUB}
  tag: ""
`;

export const gateway: ChartSource = {
  name: 'gateway',
  description: 'A gateway of Istio in the sandbox',
  releases,
  files: {
    'values.yaml': `revision: ""
replicaCount: 1
labels: {}
service:
  type: LoadBalancer
  ports:
    - { name: status-port, port: 15021, protocol: TCP, targetPort: 15021 }
    - { name: http2, port: 80, protocol: TCP, targetPort: 8080 }
    - { name: https, port: 443, protocol: TCP, targetPort: 8443 }
`,
    'templates/_labels.tpl': labels,
    'templates/account.yaml': '{{ include "account" . }}\n',
    'templates/service.yaml': `apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
  labels:
    istio: {{ .Release.Name | trimPrefix "istio-" }}
    {{- include "labels" . | nindent 4 }}
spec:
  type: {{ .Values.service.type }}
  selector:
    app: {{ .Release.Name }}
  ports: {{- toYaml .Values.service.ports | nindent 4 }}
`,
    'templates/deployment.yaml': `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
  labels: {{- include "labels" . | nindent 4 }}
spec:
  replicas: {{ .Values.replicaCount }}
  selector:
    matchLabels:
      app: {{ .Release.Name }}
  template:
    metadata:
      labels:
        app: {{ .Release.Name }}
        istio: {{ .Release.Name | trimPrefix "istio-" }}
        sidecar.istio.io/inject: "true"
        {{- with .Values.revision }}
        istio.io/rev: {{ . | quote }}
        {{- end }}
        {{- with .Values.labels }}{{ toYaml . | nindent 8 }}{{ end }}
    spec:
      serviceAccountName: {{ .Release.Name }}
      containers:
        - name: istio-proxy
          # The injector of istiod fills it in.
          image: auto
          ports:
            - { containerPort: 15021, protocol: TCP }
            - { containerPort: 8080, protocol: TCP }
            - { containerPort: 8443, protocol: TCP }
            - { containerPort: 15090, protocol: TCP, name: http-envoy-prom }
`,
  },
};

/** @param image what runs on each node */
const nodeAgent = (name: string, description: string, image: string, container: string): ChartSource => ({
  name,
  description,
  releases,
  files: {
    'values.yaml': globals,
    'templates/_labels.tpl': labels,
    'templates/account.yaml': '{{ include "account" . }}\n',
    'templates/daemonset.yaml': `apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: ${name === 'cni' ? 'istio-cni-node' : name}
  namespace: {{ .Release.Namespace }}
  labels: {{- include "labels" . | nindent 4 }}
spec:
  selector:
    matchLabels:
      k8s-app: ${name === 'cni' ? 'istio-cni-node' : name}
  template:
    metadata:
      labels:
        k8s-app: ${name === 'cni' ? 'istio-cni-node' : name}
        app: ${name === 'cni' ? 'istio-cni-node' : name}
        sidecar.istio.io/inject: "false"
    spec:
      serviceAccountName: {{ .Release.Name }}
      priorityClassName: system-node-critical
      containers:
        - name: ${container}
          image: {{ .Values.global.hub }}/${image}:{{ .Values.global.tag | default .Chart.AppVersion }}
          ports:
            - { containerPort: 15014, protocol: TCP }
`,
  },
});

export const cni = nodeAgent('cni', 'The node agent of Istio in the sandbox', 'install-cni', 'install-cni');
export const ztunnel = nodeAgent('ztunnel', 'The node proxy of Istio in the sandbox', 'ztunnel', 'istio-proxy');
