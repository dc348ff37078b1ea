/** Whether viz's Prometheus gets the metrics of the proxies. */
import { listAt, objectAt, stringAt } from '../../../model/body.ts';
import type { Check, Facts } from '../../../model/check.ts';
import type { Resource } from '../../../model/resource.ts';
import { containerStatus } from '../../checks/pods.ts';
import { extensionPods } from '../extensions.ts';
import { AUTHORIZATION_POLICY, hints, POD } from '../kinds.ts';
import { dataPlaneProxies, environmentOf, PROXY } from '../proxies.ts';
import { type Trouble, verdict } from './verdict.ts';
import { onViz } from './viz.ts';

const scrapesAuthorized = onViz({
  id: 'linkerd/viz-scrapes-authorized',
  title: 'Prometheus may scrape every proxy.',
  why: 'Proxies that deny by default answer Prometheus with 403: viz shows nothing of their pods.',
  docs: hints('l5d-viz-data-plane-prom-authz'),
  aliases: ['l5d-viz-data-plane-prom-authz'],
  modes: ['proxy'],
  reads: [POD, AUTHORIZATION_POLICY],
  judge: async (facts) => {
    const proxies = await dataPlaneProxies(facts);
    const allowing = new Set((await facts.scoped(AUTHORIZATION_POLICY)).filter(isForScrapes).map(({ namespace }) => namespace));
    const troubles = proxies.flatMap((proxy): readonly Trouble[] => {
      const { pod } = proxy;
      if (environmentOf(proxy, 'LINKERD2_PROXY_INBOUND_DEFAULT_POLICY') !== 'deny' || allowing.has(pod.namespace)) return [];
      const hint = `Authorize Prometheus for the proxies' admin port in namespace "${pod.namespace}": "linkerd viz allow-scrapes -n ${pod.namespace} | kubectl apply -f -" does so.`;
      return [{ is: 'warning', resource: pod, detail: 'It denies by default, and nothing in its namespace authorizes Prometheus.', hint }];
    });
    return verdict(troubles, `${proxies.length} of ${proxies.length}.`, 'Prometheus may not scrape all proxies.');
  },
});

/** That of `allow-scrapes`, or one by hand for a Server or a route of the admin port. */
const isForScrapes = ({ name, body }: Resource): boolean =>
  /scrape|prometheus|admin/.test(`${name} ${stringAt(objectAt(body, 'spec', 'targetRef'), 'name') ?? ''}`);

/** How long Prometheus takes to find a new pod and to scrape it. */
const SETTLED_MS = 120_000;
const QUERY = '/api/v1/query?query=max%20by%20(namespace%2Cpod)%20(process_start_time_seconds%7Bjob%3D%22linkerd-proxy%22%7D)';

const metricsPresent = onViz({
  id: 'linkerd/viz-metrics-present',
  title: "Viz's Prometheus has metrics of every proxy.",
  why: 'Viz shows nothing of pods that Prometheus does not scrape.',
  docs: hints('l5d-data-plane-prom'),
  aliases: ['l5d-data-plane-prom'],
  modes: ['proxy'],
  settles: true,
  reads: [POD],
  judge: async (facts, home) => {
    const prometheus = (await extensionPods(facts, home)).find(({ labels }) => labels['component'] === 'prometheus');
    if (!prometheus) return { is: 'skipped', reason: 'There is no Prometheus of viz to ask.' };
    const known = await scraped(facts, prometheus);
    if (!known) return { is: 'skipped', reason: `Pod "${home.name}/${prometheus.name}" does not answer queries on port 9090.` };
    const ready = (await dataPlaneProxies(facts)).filter(
      ({ pod }) => containerStatus(pod, PROXY)?.['ready'] === true && !isYoung(pod, facts.now),
    );
    const troubles = ready.flatMap(({ pod }): readonly Trouble[] => {
      if (known.has(`${pod.namespace}/${pod.name}`)) return [];
      const hint = `See which targets of job "linkerd-proxy" fail: "kubectl -n ${home.name} port-forward ${prometheus.name} 9090", then /targets.`;
      return [{ is: 'warning', resource: pod, detail: 'Prometheus has no metrics of it.', hint }];
    });
    return verdict(troubles, `${ready.length} of ${ready.length}.`, 'Prometheus lacks metrics of proxies.');
  },
});

const isYoung = ({ body }: Resource, now: number): boolean =>
  now - Date.parse(stringAt(body, 'metadata', 'creationTimestamp') ?? '') < SETTLED_MS;

/** @returns `shop/web-1` for every pod that is scraped; undefined when the answer is none */
async function scraped(facts: Facts, prometheus: Resource): Promise<ReadonlySet<string> | undefined> {
  const answer = await facts.ask(prometheus, 9090, QUERY);
  if (answer?.status !== 200) return undefined;
  try {
    const result = listAt(JSON.parse(answer.body), 'data', 'result');
    return new Set(result.map((each) => `${stringAt(each, 'metric', 'namespace')}/${stringAt(each, 'metric', 'pod')}`));
  } catch {
    return undefined;
  }
}

export const vizMetricsChecks: readonly Check[] = [scrapesAuthorized, metricsPresent];
