import type { AggregatedAnswer, AggregatedRequest } from '../model/cluster.ts';
import type { Api } from './request.ts';

/** What an aggregated API answers; it is asked once, as nobody knows what asking it twice does. */
export function aggregatedAnswer(
  api: Api,
  { path, body, verb, resource, what, namespace, signal }: AggregatedRequest,
): Promise<AggregatedAnswer> {
  return api.open({
    ...{ about: { verb, what, resource, namespace }, method: 'POST', path, body, contentType: 'application/octet-stream', accept: '*/*' },
    ...{ attempts: 1, signal },
  });
}
