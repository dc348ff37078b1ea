/** The definitions of Linkerd's kinds, and of the Gateway API's where nobody else installs them. */
import { writeYaml } from '../../../text/yaml-write.ts';
import { linkerdDefinitions } from '../../linkerd/definitions.ts';
import { gatewayApiDefinitions } from '../../scenarios/_gateway-api.ts';
import type { Written } from '../../scenarios/_objects.ts';
import type { ChartSource } from '../chart-source.ts';
import { releases } from './releases.ts';

const documents = (definitions: readonly Written[]): string => definitions.map((each) => writeYaml(each)).join('---\n');

export const crds: ChartSource = {
  name: 'linkerd-crds',
  description: 'Custom resources of Linkerd in the sandbox',
  releases,
  files: {
    'values.yaml': 'installGatewayAPI: true\n',
    'templates/linkerd.yaml': documents(linkerdDefinitions),
    'templates/gateway-api.yaml': `{{- if .Values.installGatewayAPI }}\n${documents(gatewayApiDefinitions)}{{- end }}\n`,
    'templates/NOTES.txt': 'The definitions of Linkerd {{ .Chart.AppVersion }} are in the cluster.\n',
  },
};
