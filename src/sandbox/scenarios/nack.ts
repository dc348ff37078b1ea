import { bookinfoMesh } from './_bookinfo.ts';
import { BOOKINFO } from './_names.ts';
import { object } from './_objects.ts';
import type { Scenario } from './_scenario.ts';

/** Istiod knows the type, as one of Envoy's contributed filters; Istio's Envoy is built without it. */
const filter = object('networking.istio.io/v1alpha3', 'EnvoyFilter', BOOKINFO, 'reviews-quota', {
  spec: {
    workloadSelector: { labels: { app: 'reviews' } },
    configPatches: [
      {
        applyTo: 'HTTP_FILTER',
        match: {
          context: 'SIDECAR_INBOUND',
          listener: { filterChain: { filter: { name: 'envoy.filters.network.http_connection_manager' } } },
        },
        patch: {
          operation: 'INSERT_FIRST',
          value: {
            name: 'envoy.filters.http.golang',
            typed_config: {
              '@type': 'type.googleapis.com/envoy.extensions.filters.http.golang.v3alpha.Config',
              library_id: 'quota',
              library_path: '/var/lib/istio/quota.so',
              plugin_name: 'quota',
            },
          },
        },
      },
    ],
  },
});

export const nack: Scenario = {
  name: 'nack',
  summary: 'bookinfo, but the proxies of reviews reject their listeners: an EnvoyFilter inserts a filter that Envoy does not have',
  options: () => bookinfoMesh({ more: [filter] }),
};
