/** The sandbox's charts, rendered by the engine that installs them. */
import { describe, expect, it } from 'vitest';
import type { ChartRelease, ChartSource } from '../../../src/sandbox/charts/chart-source.ts';
import { sandboxCharts } from '../../../src/sandbox/charts/index.ts';
import { chartYaml } from '../../../src/sandbox/charts/pack.ts';
import { meshTrust } from '../../../src/sandbox/linkerd/trust.ts';
import { startSandbox } from '../../../src/sandbox/server.ts';
import { loadChart } from '../../../src/template/chart/chart.ts';
import { renderChart } from '../../../src/template/chart/render.ts';
import type { GoMap, Value } from '../../../src/template/value.ts';
import { splitDocuments } from '../../../src/text/documents.ts';
import { parseYamlValue } from '../../../src/text/yaml.ts';
import { writeYaml } from '../../../src/text/yaml-write.ts';

const trust = meshTrust();
const LINKERD: GoMap = new Map<string, Value>([
  ['identityTrustAnchorsPEM', trust.anchor.certificatePem],
  [
    'identity',
    new Map([
      [
        'issuer',
        new Map([
          [
            'tls',
            new Map([
              ['crtPEM', trust.issuer.certificatePem],
              ['keyPEM', trust.issuer.keyPem],
            ]),
          ],
        ]),
      ],
    ]),
  ],
]);

interface Shown {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: { readonly template?: { readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> } } };
}

function objectsOf(chart: ChartSource, release: ChartRelease): readonly Shown[] {
  const files = Object.entries({ 'Chart.yaml': writeYaml(chartYaml(chart, release)), ...chart.files });
  const data = files.map(([name, text]) => ({ name, data: Buffer.from(text) }));
  const isLinkerd = chart.name.startsWith('linkerd');
  const { manifests } = renderChart({
    chart: loadChart(data, chart.name, () => []),
    values: chart.name === 'linkerd-control-plane' ? LINKERD : new Map(),
    release: { name: chart.name, namespace: isLinkerd ? 'linkerd' : 'istio-system', revision: 1, isUpgrade: false },
    cluster: { kubeVersion: 'v1.32.5', apiVersions: ['v1', 'apps/v1'] },
  });
  return [...manifests.values()].flatMap((text) => splitDocuments(text).map((part) => parseYamlValue(part.text) as Shown)).filter(Boolean);
}

describe('charts of the sandbox', () => {
  it('render to objects that its API server takes, for every release', { timeout: 30_000 }, async () => {
    for (const index of [0, 1]) {
      const objects = sandboxCharts().flatMap((chart) => objectsOf(chart, chart.releases[index] as ChartRelease));
      const sandbox = await startSandbox({ objects, podStartMs: 0 });
      await sandbox.close();
      expect(new Set(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).size).toBe(objects.length);
    }
  });

  it('put the fate of a release on the pods of istiod alone', () => {
    const [istiod] = sandboxCharts().filter(({ name }) => name === 'istiod');
    const fates = istiod?.releases.map((release) => {
      const deployment = objectsOf(istiod, release).find(({ kind }) => kind === 'Deployment');
      return [release.version, deployment?.spec?.template?.metadata?.annotations?.['sandbox.meshctl.dev/fate']];
    });
    expect(fates).toEqual([
      ['1.31.0-rc.0', 'ImagePullBackOff'],
      ['1.30.1', undefined],
      ['1.30.0', undefined],
      ['1.29.3', undefined],
    ]);
  });
});
