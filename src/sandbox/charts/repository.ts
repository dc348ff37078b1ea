/** A chart repository as Helm's clients know it: an index, and archives beside it. */
import type { RequestListener } from 'node:http';
import { sha256 } from '../../text/hash.ts';
import { writeYaml } from '../../text/yaml-write.ts';
import type { ChartSource } from './chart-source.ts';
import { chartYaml, packChart } from './pack.ts';

export const CHARTS_PATH = '/charts';

/** Charts are packed when the first request comes. */
export function chartRepository(charts: readonly ChartSource[], now: () => number): RequestListener {
  let answers: ReadonlyMap<string, Answer> | undefined;
  return ({ method, url = '' }, response) => {
    answers ??= answersOf(charts, new Date(now()).toISOString());
    const answer = answers.get(new URL(url, 'http://charts').pathname);
    if (!answer || (method !== 'GET' && method !== 'HEAD')) {
      response.writeHead(answer ? 405 : 404, { 'content-type': 'text/plain' }).end(answer ? 'method not allowed\n' : 'not found\n');
      return;
    }
    response.writeHead(200, { 'content-type': answer.type, 'content-length': answer.body.length });
    response.end(method === 'HEAD' ? undefined : answer.body);
  };
}

interface Answer {
  readonly type: string;
  readonly body: Uint8Array;
}

function answersOf(charts: readonly ChartSource[], created: string): ReadonlyMap<string, Answer> {
  const answers = new Map<string, Answer>();
  const entries = charts.map((chart) => {
    const versions = chart.releases.map((release) => {
      const file = `${chart.name}-${release.version}.tgz`;
      const body = packChart(chart, release);
      answers.set(`${CHARTS_PATH}/${file}`, { type: 'application/gzip', body });
      return { ...chartYaml(chart, release), created, digest: sha256(body), urls: [file] };
    });
    return [chart.name, versions] as const;
  });
  const index = writeYaml({ apiVersion: 'v1', generated: created, entries: Object.fromEntries(entries) });
  answers.set(`${CHARTS_PATH}/index.yaml`, { type: 'application/yaml', body: Buffer.from(index) });
  return answers;
}
