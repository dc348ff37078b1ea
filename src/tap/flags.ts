/** Envoy's response flags in words. @see https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage */
const MEANINGS: Readonly<Record<string, string>> = {
  DC: 'the client went away',
  DF: 'the name of the upstream cannot be resolved',
  DI: 'a delay was injected',
  DO: 'dropped as overloaded by the endpoint load report',
  DPE: 'the request broke the HTTP protocol',
  DT: 'the request took longer than it may',
  FI: 'an abort was injected',
  IH: 'a header was not allowed',
  IPF: 'the filter that asks for permission failed',
  LH: 'a health check failed',
  LR: 'reset by the proxy itself',
  NC: 'the upstream cluster does not exist',
  NFCF: 'the filter chain configuration is missing',
  NR: 'no route fits',
  OM: 'the overload manager ended it',
  RFCF: 'the response came from the cache',
  RL: 'limited by the local rate limit',
  RLSE: 'the rate limit service failed',
  SI: 'the stream was idle for too long',
  UAEX: 'denied by the authorization service',
  UC: 'the upstream closed the connection',
  UF: 'the connection to the upstream failed',
  UH: 'no upstream endpoint is healthy',
  UMSDR: 'the upstream took longer than it may in all',
  UO: 'the circuit breaker is open',
  UPE: 'the upstream broke the HTTP protocol',
  UR: 'the upstream reset the stream',
  URX: 'all retries were used up',
  UT: 'the upstream did not answer in time',
};

/** Newer proxies write the long names as well. */
export function flagMeanings(flags: string): readonly { readonly flag: string; readonly meaning: string }[] {
  return flags
    .split(',')
    .map((flag) => flag.trim())
    .filter((flag) => flag !== '' && flag !== '-')
    .map((flag) => ({ flag, meaning: MEANINGS[flag] ?? 'a flag that is not known here' }));
}
