/** `/logging` of Envoy: the levels of its loggers. */

/** In the order of Envoy. */
const LOGGERS = [
  ...['a2a', 'admin', 'ai_protocol_manager', 'alternate_protocols_cache', 'aws', 'assert', 'backtrace', 'basic_auth', 'cache_filter'],
  ...['client', 'config', 'connection', 'conn_handler', 'compression', 'credential_injector', 'decompression', 'dns', 'dubbo'],
  ...['envoy_bug', 'ext_authz', 'ext_proc', 'rocketmq', 'file', 'filter', 'forward_proxy', 'geolocation', 'grpc', 'happy_eyeballs'],
  ...['hc', 'health_checker', 'http', 'http2', 'hystrix', 'init', 'io', 'jwt', 'json_rpc', 'kafka', 'key_value_store', 'lua'],
  ...['local_rate_limit', 'main', 'matcher', 'mcp', 'misc', 'mongo', 'multi_connection', 'notification', 'oauth2', 'quic'],
  ...['quic_stream', 'pool', 'rate_limit_quota', 'rbac', 'rds', 'redis', 'router', 'runtime', 'stats', 'secret', 'sse', 'tap'],
  ...['testing', 'thrift', 'tracing', 'upstream', 'udp', 'wasm', 'websocket', 'golang', 'stats_sinks', 'dynamic_modules', 'ip_tagging'],
];

const LEVELS: ReadonlySet<string> = new Set(['trace', 'debug', 'info', 'warning', 'error', 'critical', 'off']);
const USUAL = 'warning';

const USAGE = `usage: /logging?<name>=<level> (change single level)
usage: /logging?paths=name1:level1,name2:level2,... (change multiple levels)
usage: /logging?level=<level> (change all levels)
usage: /logging?group=<group_name>:<level> (change group of loggers)
levels: ${[...LEVELS].join(' ')} 
`;

export function setLevels(levels: Map<string, string>, query: URLSearchParams): { readonly status?: number; readonly body: string } {
  const active = (): string => `active loggers:\n${LOGGERS.map((name) => `  ${name}: ${levels.get(name) ?? USUAL}\n`).join('')}\n`;
  const refusal = refusalOf(query);
  if (refusal !== undefined) return { status: 400, body: `error: ${refusal}\n\n${USAGE}${active()}` };
  for (const [name, level] of changesOf(query)) for (const logger of name === 'level' ? LOGGERS : [name]) levels.set(logger, level);
  return { body: active() };
}

/** Envoy takes all of a change or nothing of it. */
function refusalOf(query: URLSearchParams): string | undefined {
  if ([...query].length > 1) return 'invalid number of parameters';
  const changes = changesOf(query);
  if (changes.some(([, level]) => !LEVELS.has(level))) return 'unknown logger level';
  return changes.some(([name]) => name !== 'level' && !LOGGERS.includes(name)) ? 'unknown logger name' : undefined;
}

const changesOf = (query: URLSearchParams): readonly (readonly [name: string, level: string])[] =>
  [...query].flatMap(([name, value]) =>
    name === 'paths'
      ? value.split(',').map((each): readonly [string, string] => {
          const colon = each.lastIndexOf(':');
          return [each.slice(0, colon), each.slice(colon + 1)];
        })
      : [[name, value] as const],
  );
