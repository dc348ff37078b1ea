/**
 * istioctl's own analyzer cases. Restricted to the case's analyzer, the same codes on the same resources. Restricted
 * to its codes the same again, and besides them only what other analyzers of the same code say of the same input.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { main } from '../../src/cli.ts';
import { memoryHost } from '../../src/host/memory.ts';

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

interface ReportedFinding {
  readonly aliases: readonly string[];
  readonly resource: { readonly kind: string; readonly namespace?: string; readonly name: string };
}

/** `CODE Kind namespace/name` of each finding, from the JSON that a user would get. */
async function reported(entry: Case, only: readonly string[], codes: readonly string[]): Promise<readonly string[]> {
  const files = [...entry.inputs, ...(entry.meshConfigFileLocal ? [entry.meshConfigFileLocal] : [])];
  const meshConfig = entry.meshConfigFileLocal ? ['--mesh-config', entry.meshConfigFileLocal] : [];
  const host = memoryHost({
    args: ['analyze', '--complete', '-o', 'json', ...only.flatMap((name) => ['--rule', name]), ...meshConfig, ...entry.inputs],
    files: Object.fromEntries(files.map((file) => [file, readFileSync(folder + file, 'utf8')])),
  });
  await main(host);
  if (host.stdout() === '') throw new Error(host.stderr());
  const findings: readonly ReportedFinding[] = JSON.parse(host.stdout()).findings;
  return findings
    .map(({ aliases, resource: { kind, namespace, name } }) => {
      const code = aliases.find((alias) => codes.includes(alias));
      return `${code} ${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
    })
    .sort();
}

/**
 * IST0101 is the one code of nine analyzers, of which a case of the peer runs one. With --complete these inputs
 * do lack what the others look for: no DestinationRule defines the subsets, no Service the hosts.
 */
const ALSO_TRUE: Readonly<Record<string, readonly string[]>> = {
  virtualServiceDestinationHosts: ['destination-subset-exists'],
  virtualServiceInternalGatewayRef: ['destination-host-exists'],
  'host defined in virtualservice not found in the gateway': ['destination-host-exists'],
};

describe.skipIf(cases.length === 0)('istioctl analyze', () => {
  const named = cases.map((entry) => ({ name: `${entry.analyzer}: ${entry.id}`, entry }));
  const expectedOf = (entry: Case): readonly string[] => entry.expected.map(({ code, resource }) => `${code} ${resource}`).sort();

  it.each(named)('$name', async ({ entry }) => {
    expect(await reported(entry, [entry.analyzer], CODES[entry.analyzer] ?? [])).toEqual(expectedOf(entry));
  });

  it.each(named)('$name, by codes', async ({ entry }) => {
    const codes = CODES[entry.analyzer] ?? [];
    const others = await Promise.all((ALSO_TRUE[entry.id] ?? []).map((rule) => reported(entry, [`istio-routing/${rule}`], codes)));
    expect(await reported(entry, codes, codes)).toEqual([...expectedOf(entry), ...others.flat()].sort());
  });
});
