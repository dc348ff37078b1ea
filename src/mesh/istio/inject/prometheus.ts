/**
 * Metrics of application and proxy in one answer: Prometheus is sent to the agent, and the agent is told where the
 * application has its own.
 * @see https://istio.io/latest/docs/ops/integrations/prometheus/#option-1-metrics-merging
 */
import { itemsAt, stringAt } from '../../../model/body.ts';
import { jsonValue } from '../../../text/json-value.ts';
import { isTrueText } from './booleans.ts';
import type { MeshSettings } from './mesh-settings.ts';
import { annotationsOf, envOf, mapProxy, type Pod, proxyOf, withEnv, withTexts } from './pod.ts';
import { InjectProblem } from './problem.ts';
import { RESERVED_PORTS } from './reserved-ports.ts';
import { statusOf } from './status.ts';

const SCRAPING = 'ISTIO_PROMETHEUS_ANNOTATIONS';
const MERGE = 'prometheus.istio.io/merge-metrics';
const SECURE_PORT = 'prometheus.istio.io/secure-port';

interface Target {
  readonly port: string;
  readonly path: string;
}

/** @param original as it was before injection, by which the agent may have been told already */
export function mergePrometheus(pod: Pod, original: Pod, mesh: MeshSettings): Pod {
  const annotations = annotationsOf(pod);
  if (!(isTrueText(scrapeValue(annotations, 'scrape')) ?? true) || !(isTrueText(annotations[MERGE]) ?? mesh.mergesPrometheus)) return pod;
  const agent = String(mesh.statusPort);
  const [scrape = '', path = '', port = ''] = ['scrape', 'path', 'port'].map((name) => scrapeValue(annotations, name));
  // Injected before, or the user knows the agent.
  if (port === agent) {
    const told = statusOf(original) && envOf(proxyOf(original), SCRAPING);
    return told === undefined ? pod : mapProxy(pod, (proxy) => withEnv(proxy, SCRAPING, told));
  }
  const targets = targetsOf(scrapeValue(annotations, 'targets'));
  for (const target of targets.length > 0 ? targets.map((each) => each.port) : port === '' ? [] : [port]) assertScrapable(target, agent);
  const first = targets[0] ?? { port, path };
  const own = { scrape, path: first.path, port: first.port, ...(targets.length > 0 ? { targets } : {}) };
  const isEmpty = scrape === '' && path === '' && port === '' && targets.length === 0;
  return withTexts(isEmpty ? pod : mapProxy(pod, (proxy) => withEnv(proxy, SCRAPING, JSON.stringify(own))), 'annotations', {
    ...withoutScraping(annotations),
    'prometheus.io/port': agent,
    'prometheus.io/path': '/stats/prometheus',
    'prometheus.io/scrape': 'true',
  });
}

/** Tells Prometheus of the port with merged metrics behind TLS, when the proxy opens one. */
export function announceSecurePort(pod: Pod): Pod {
  const port = envOf(proxyOf(pod), 'ENVOY_SECURE_MERGED_METRICS_PORT');
  const isSaid = Object.keys(annotationsOf(pod)).some((name) => labelName(name) === labelName(SECURE_PORT));
  return isSaid || !port || port === '0' ? pod : withTexts(pod, 'annotations', { [SECURE_PORT]: port });
}

/** For templates, which shall not see what an earlier injection left. */
export const withoutOwnScraping = (pod: Pod, mesh: MeshSettings): Pod =>
  scrapeValue(annotationsOf(pod), 'port') === String(mesh.statusPort)
    ? withTexts(pod, 'annotations', withoutScraping(annotationsOf(pod)))
    : pod;

/** The annotations as they were. */
export function restoreScraping(pod: Pod): Pod {
  const annotations = annotationsOf(pod);
  if (scrapeValue(annotations, 'path') !== '/stats/prometheus') return pod;
  const own = jsonValue(envOf(proxyOf(pod), SCRAPING) ?? '{}');
  const targets = itemsAt(own, 'targets').map(({ item }) => `${item['port']}:${item['path']}`);
  const restored = Object.fromEntries(
    ['scrape', 'path', 'port'].flatMap((name) => {
      const value = stringAt(own, name);
      // With targets, path and port repeat the first of them.
      return value && (name === 'scrape' || targets.length === 0) ? [[`prometheus.io/${name}`, value]] : [];
    }),
  );
  return withTexts(pod, 'annotations', {
    ...withoutScraping(annotations),
    ...restored,
    ...(targets.length > 0 ? { 'prometheus.istio.io/scrape-targets': targets.join(',') } : {}),
  });
}

/** Prometheus reads annotations with every other character as `_`, so that there are several ways to write each. */
const labelName = (annotation: string): string => annotation.replace(/[^a-zA-Z0-9_]/g, '_');

const NAMES: Readonly<Record<string, string>> = {
  scrape: 'prometheus_io_scrape',
  path: 'prometheus_io_path',
  port: 'prometheus_io_port',
  targets: 'prometheus_istio_io_scrape_targets',
};

function scrapeValue(annotations: Readonly<Record<string, string>>, name: string): string | undefined {
  const key = Object.keys(annotations).find((each) => labelName(each) === NAMES[name]);
  return key === undefined ? undefined : annotations[key];
}

const withoutScraping = (annotations: Readonly<Record<string, string>>): Readonly<Record<string, undefined>> =>
  Object.fromEntries(Object.keys(annotations).flatMap((key) => (Object.values(NAMES).includes(labelName(key)) ? [[key, undefined]] : [])));

/** `8080:/metrics,9090`; a list with an entry that has no port counts as none. */
function targetsOf(text: string | undefined): readonly Target[] {
  const entries = (text ?? '').split(',').filter((entry) => entry.trim() !== '');
  const targets = entries.map((entry) => {
    const [, port = '', path = ''] = /^([^:]*):?(.*)$/.exec(entry.trim()) ?? [];
    return { port: port.trim(), path: path.trim() || '/metrics' };
  });
  return targets.some(({ port }) => port === '') ? [] : targets;
}

function assertScrapable(port: string, agent: string): void {
  const number = /^[+-]?\d+$/.test(port) ? Number(port) : 0;
  const fail = (why: string): never => {
    throw new InjectProblem('invalid-annotation', `The annotations of the pod send Prometheus to port "${port}", ${why}.`);
  };
  if (number < 1 || number > 65535) fail('which is no port');
  if (String(number) === agent) fail("which is the agent's own");
  const purpose = RESERVED_PORTS.get(number);
  if (purpose !== undefined) fail(`which Istio keeps for ${purpose}`);
}
