/** Whether one can see what the mesh does, at a price that production can pay. */
import { itemsAt, numberAt, stringAt } from '../../../../model/body.ts';
import type { Affected, Check } from '../../../../model/check.ts';
import { concerns } from '../../../../model/check-scope.ts';
import type { Resource } from '../../../../model/resource.ts';
import { DEPLOYMENT, postureCheck } from '../../../checks/posture/traits.ts';
import { TELEMETRY } from '../../kinds.ts';
import { selectorOf } from '../../workload-policies.ts';
import { planeConfigs, rootNamespace } from './configuration.ts';

const NO_CONFIG = 'The mesh configuration is not in this cluster.';

export const tracingSampled: Check = postureCheck({
  id: 'istio/posture-tracing-sampled',
  title: 'Traces are taken of a part of the requests.',
  why: 'A trace of every request costs CPU in every proxy, and more than the requests themselves where traces are stored.',
  docs: 'https://istio.io/latest/docs/tasks/observability/distributed-tracing/sampling/',
  reads: [DEPLOYMENT, TELEMETRY],
  run: async (facts) => {
    const telemetries = (await facts.list(TELEMETRY)).filter((telemetry) => concerns(facts, telemetry));
    const affected: readonly Affected[] = [
      ...telemetries.flatMap((resource) =>
        itemsAt(resource.body, 'spec', 'tracing').flatMap(({ item }) =>
          (numberAt(item, 'randomSamplingPercentage') ?? 0) >= 100 && item['disableSpanReporting'] !== true
            ? [{ resource, detail: 'Its randomSamplingPercentage is 100.' }]
            : [],
        ),
      ),
      ...(await planeConfigs(facts)).flatMap(({ config, configMap }) =>
        (numberAt(config.body, 'defaultConfig', 'tracing', 'sampling') ?? 0) >= 100
          ? [{ resource: configMap, detail: 'Its defaultConfig.tracing.sampling is 100.' }]
          : [],
      ),
    ];
    if (affected.length === 0) return { is: 'ok' };
    return {
      is: 'warning',
      reason: 'Every request is traced.',
      hint: 'Set "randomSamplingPercentage" to 1, the default, or to what you look at.',
      affected,
    };
  },
});

export const accessLogged: Check = postureCheck({
  id: 'istio/posture-access-logged',
  title: 'Proxies log the requests that they serve.',
  why: 'Without a log nobody can tell afterwards who called whom, or why a request was refused.',
  docs: 'https://istio.io/latest/docs/tasks/observability/logs/access-log/',
  reads: [DEPLOYMENT, TELEMETRY],
  run: async (facts) => {
    const configs = await planeConfigs(facts);
    if (configs.length === 0) return { is: 'skipped', reason: NO_CONFIG };
    const root = await rootNamespace(facts);
    const whole = (await facts.list(TELEMETRY)).filter(
      (telemetry) => telemetry.namespace === root && Object.keys(selectorOf(telemetry)).length === 0,
    );
    const logs = whole.find(logsAccess);
    if (logs) return { is: 'ok', reason: `Telemetry "${root}/${logs.name}" says so.` };
    const silent = configs.filter(({ config }) => !stringAt(config.body, 'accessLogFile') && config.defaultAccessLogging.length === 0);
    if (silent.length === 0) return { is: 'ok', reason: 'The mesh configuration says so.' };
    return {
      is: 'warning',
      reason: 'Neither the mesh configuration nor a Telemetry of the whole mesh asks for access logs.',
      hint: `Apply a Telemetry "default" in namespace "${root}" with "spec: { accessLogging: [{ providers: [{ name: envoy }] }] }"; with a filter such as "response.code >= 400" it logs little.`,
      affected: silent.map(({ configMap }) => ({ resource: configMap })),
    };
  },
});

const logsAccess = ({ body }: Resource): boolean => itemsAt(body, 'spec', 'accessLogging').some(({ item }) => item['disabled'] !== true);

export const metricsMerged: Check = postureCheck({
  id: 'istio/posture-metrics-merged',
  title: "Metrics of applications can be scraped through the proxy's.",
  why: 'Under STRICT mutual TLS Prometheus, which has no certificate of the mesh, cannot scrape applications by themselves.',
  docs: 'https://istio.io/latest/docs/ops/integrations/prometheus/',
  reads: [DEPLOYMENT],
  run: async (facts) => {
    const configs = await planeConfigs(facts);
    if (configs.length === 0) return { is: 'skipped', reason: NO_CONFIG };
    const off = configs.filter(({ config }) => config.body['enablePrometheusMerge'] === false);
    if (off.length === 0) return { is: 'ok' };
    return {
      is: 'warning',
      reason: 'enablePrometheusMerge is off.',
      hint: 'Remove "enablePrometheusMerge: false" from the mesh configuration, or give Prometheus a certificate of the mesh.',
      affected: off.map(({ configMap }) => ({ resource: configMap })),
    };
  },
});
