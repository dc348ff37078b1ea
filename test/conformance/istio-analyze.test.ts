/** istioctl's own analyzer cases: the same codes on the same resources, except for the differences listed here. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runRules } from '../../src/analysis/engine.ts';
import { readText } from '../../src/gather/read.ts';
import { assumedIstioObjects } from '../../src/mesh/istio/assumed.ts';
import { MESH_CONFIG } from '../../src/mesh/istio/kinds.ts';
import { friendlyName, type Resource } from '../../src/model/resource.ts';
import { resourceSet } from '../../src/model/resource-set.ts';
import { allRules } from '../../src/rules/index.ts';
import { parseYaml } from '../../src/text/yaml.ts';

interface Case {
  readonly id: string;
  readonly analyzer: string;
  readonly inputs: readonly string[];
  readonly meshConfigFileLocal?: string;
  readonly expected: readonly { readonly code: string; readonly resource: string }[];
}

/** Codes that each of istioctl's analyzers can report. */
const CODES: Readonly<Record<string, readonly string[]>> = {
  'annotations.K8sAnalyzer': ['IST0107', 'IST0108', 'IST0125', 'IST0135'],
  'annotations.AlphaAnalyzer': ['IST0136'],
  'authn.BlockedCIDRsAnalyzer': ['IST0175'],
  'auth.AuthorizationPoliciesAnalyzer': ['IST0101', 'IST0127'],
  'conditions.ConditionAnalyzer': ['IST0171'],
  'deployment.MultiServiceAnalyzer': ['IST0116', 'IST0137'],
  'applicationUID.Analyzer': ['IST0144'],
  'destinationrule.CaCertificateAnalyzer': ['IST0128', 'IST0129'],
  'destinationrule.SubsetSelectPodAnalyzer': ['IST0173', 'IST0174'],
  'deprecation.DeprecationAnalyzer': ['IST0002'],
  'envoyfilter.EnvoyPatchAnalyzer': ['IST0151', 'IST0152', 'IST0153', 'IST0154', 'IST0155'],
  'externalcontrolplane.ExternalControlPlaneAnalyzer': ['IST0163', 'IST0164'],
  'gateway.IngressGatewayPortAnalyzer': ['IST0101', 'IST0162'],
  'gateway.CertificateAnalyzer': ['IST0138'],
  'gateway.SecretAnalyzer': ['IST0101', 'IST0161'],
  'gateway.ConflictingGatewayAnalyzer': ['IST0101', 'IST0145'],
  'injection.Analyzer': ['IST0102', 'IST0103', 'IST0123', 'IST0148'],
  'injection.ImageAnalyzer': ['IST0158'],
  'injection.ImageAutoAnalyzer': ['IST0146', 'IST0147'],
  'k8sgateway.SelectorAnalyzer': ['IST0166'],
  'k8sgateway.CRDVersionAnalyzer': ['IST0176'],
  'meshnetworks.MeshNetworksAnalyzer': ['IST0126'],
  'services.MultiClusterServiceAnalyzer': ['IST0170'],
  'service.PortNameAnalyzer': ['IST0118', 'IST0150'],
  'sidecar.SelectorAnalyzer': ['IST0101', 'IST0110', 'IST0111', 'IST0167'],
  'virtualservice.ConflictingMeshGatewayHostsAnalyzer': ['IST0109'],
  'virtualservice.DestinationHostAnalyzer': ['IST0101', 'IST0112', 'IST0140'],
  'virtualservice.DestinationRuleAnalyzer': ['IST0101'],
  'virtualservice.GatewayAnalyzer': ['IST0101', 'IST0132', 'IST0165'],
  'virtualservice.JWTClaimRouteAnalyzer': ['IST0149'],
  'serviceentry.Analyzer': ['IST0134'],
  'serviceentry.ConflictingServiceEntryProtocolAnalyzer': ['IST0177'],
  'webhook.Analyzer': ['IST0139'],
  'telemetry.ProviderAnalyzer': ['IST0157'],
  'telemetry.SelectorAnalyzer': ['IST0101', 'IST0159'],
  'telemetry.DefaultSelectorAnalyzer': ['IST0160'],
  'telemetry.LightstepAnalyzer': ['IST0002'],
  'schema.ValidationAnalyzer.VirtualService': ['IST0130', 'IST0131'],
};

const folder = fileURLToPath(new URL('../../../shared/cases/istio-analyze/', import.meta.url));
const cases: readonly Case[] = existsSync(folder) ? JSON.parse(readFileSync(`${folder}cases.json`, 'utf8')).cases : [];
const rules = await allRules();

describe.skipIf(cases.length === 0)('istioctl analyze', () => {
  it.each(cases.map((entry) => ({ name: `${entry.analyzer}: ${entry.id}`, entry })))('$name', ({ entry }) => {
    const codes = CODES[entry.analyzer] ?? [];
    const read = entry.inputs.flatMap(
      (input) => readText(readFileSync(folder + input, 'utf8'), input, { namespace: 'default', namespaceGiven: false }).resources,
    );
    const meshConfig = entry.meshConfigFileLocal;
    const given: Resource[] = [...read];
    if (meshConfig) {
      const body = parseYaml(readFileSync(folder + meshConfig, 'utf8')) as Resource['body'];
      given.push({
        apiVersion: 'istio.io/v1',
        kind: MESH_CONFIG,
        namespace: '',
        namespaceGiven: false,
        name: 'mesh',
        labels: {},
        annotations: {},
        body,
      });
    }
    const settings = { clusterDomain: 'cluster.local' };
    const set = resourceSet([...assumedIstioObjects(given, settings), ...given], { complete: true, settings });
    const selected = rules.filter((rule) => rule.meta.aliases.some((alias) => codes.includes(alias)));
    const { findings } = runRules(
      selected.map((rule) => ({ rule, severity: rule.meta.severity })),
      set,
    );
    const code = (aliases: readonly string[]): string => aliases.find((alias) => codes.includes(alias)) ?? '';
    expect(findings.map((finding) => `${code(finding.aliases)} ${friendlyName(finding.resource)}`).sort()).toEqual(
      entry.expected.map((expected) => `${expected.code} ${expected.resource}`).sort(),
    );
  });
});
