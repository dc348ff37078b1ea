/** A chart as large as the largest of a mesh: many templates that share names, labels and a hashed configuration. */

const HELPERS = `
{{- define "app.name" -}}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" }}{{- end }}
{{- define "app.labels" -}}
app.kubernetes.io/name: {{ include "app.name" . }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- range $key, $value := .Values.labels }}
{{ $key }}: {{ tpl $value $ | quote }}
{{- end }}
{{- end }}
`;

const VALUES = `
labels: {team: mesh, release: "{{ .Release.Name }}"}
image: {repository: registry.example/app, tag: 1.2.3}
resources: {limits: {cpu: 500m, memory: 512Mi}, requests: {cpu: 100m, memory: 128Mi}}
env: {LOG_LEVEL: info, REGION: eu-1, FEATURES: "a,b,c"}
ports: [{name: http, port: 8080}, {name: metrics, port: 9090}]
config: {server: {listen: ":8080", timeouts: {read: 5s, write: 10s}}, upstreams: [{host: a, weight: 1}, {host: b, weight: 2}]}
`;

const template = (number) => `
{{- if ne ${number} (int .Values.leftOut) }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "app.name" . }}-${number}
  labels:
    {{- include "app.labels" . | nindent 4 }}
spec:
  replicas: {{ .Values.replicas | default ${number} }}
  template:
    metadata:
      annotations:
        checksum/config: {{ toYaml .Values.config | sha256sum }}
      labels: {{- include "app.labels" . | nindent 8 }}
    spec:
      containers:
      - name: app
        image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
        ports:
        {{- range .Values.ports }}
        - {name: {{ .name }}, containerPort: {{ .port | int }}}
        {{- end }}
        env:
        {{- range $name, $value := .Values.env }}
        - name: {{ $name }}
          value: {{ $value | quote }}
        {{- end }}
        resources:
          {{- toYaml .Values.resources | nindent 10 }}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: config-${number}}
data:
  config.yaml: |
    {{- toYaml .Values.config | nindent 4 }}
  config.json: {{ toJson .Values.config | quote }}
{{- end }}
`;

/** @returns the chart's files, `{name, data}` each */
export function chartFiles(templates) {
  const texts = {
    'Chart.yaml': 'apiVersion: v2\nname: bench\nversion: 1.0.0\nappVersion: 1.0.0\n',
    'values.yaml': VALUES,
    'templates/_helpers.tpl': HELPERS,
    ...Object.fromEntries(Array.from({ length: templates }, (_, index) => [`templates/app-${index + 1}.yaml`, template(index + 1)])),
  };
  return Object.entries(texts).map(([name, text]) => ({ name, data: Buffer.from(text) }));
}
