/** What every control plane of a cluster shares: definitions, and the account of the reader. */
import { writeYaml } from '../../../text/yaml-write.ts';
import { istioDefinitions } from '../../scenarios/_definitions.ts';
import type { ChartSource } from '../chart-source.ts';
import { releases } from './releases.ts';

const KEPT = { 'helm.sh/resource-policy': 'keep' };

export const base: ChartSource = {
  name: 'base',
  description: 'Custom resources of an Istio control plane in the sandbox',
  releases,
  files: {
    'values.yaml': `defaultRevision: default
base:
  enableCRDTemplates: true
global:
  istioNamespace: istio-system
`,
    // Definitions that are templates follow an upgrade; those below crds/ would stay as they are.
    'files/definitions.yaml': istioDefinitions
      .map((each) => writeYaml({ ...each, metadata: { ...each.metadata, annotations: { ...each.metadata.annotations, ...KEPT } } }))
      .join('---\n'),
    'templates/definitions.yaml': `{{- if .Values.base.enableCRDTemplates }}
{{ .Files.Get "files/definitions.yaml" }}
{{- end }}
`,
    'templates/reader.yaml': `apiVersion: v1
kind: ServiceAccount
metadata:
  name: istio-reader-service-account
  namespace: {{ .Values.global.istioNamespace }}
  labels:
    app: istio-reader
    release: {{ .Release.Name }}
`,
    'templates/NOTES.txt': `The definitions of Istio {{ .Chart.AppVersion }} are in the cluster. A control plane is the next step.
`,
  },
};
