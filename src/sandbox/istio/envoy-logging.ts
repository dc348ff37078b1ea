/** `/logging` of Envoy: the levels of its loggers. */

/** Those that most questions are about; a real Envoy has some seventy. */
const LOGGERS = [
  ...['admin', 'alternate_protocols_cache', 'aws', 'assert', 'backtrace', 'cache_filter', 'client', 'config', 'connection', 'conn_handler'],
  ...['decompression', 'dns', 'dynamic_forward_proxy', 'envoy_bug', 'ext_authz', 'ext_proc', 'file', 'filter', 'forward_proxy', 'grpc'],
  ...['happy_eyeballs', 'hc', 'health_checker', 'http', 'http2', 'init', 'io', 'jwt', 'lua', 'main', 'matcher', 'misc', 'oauth2', 'pool'],
  ...['quic', 'rbac', 'redis', 'router', 'runtime', 'secret', 'stats', 'stats_sinks', 'tap', 'tcp_proxy', 'tracing', 'upstream', 'wasm'],
];

const LEVELS: ReadonlySet<string> = new Set(['trace', 'debug', 'info', 'warning', 'error', 'critical', 'off']);
const USUAL = 'warning';

const USAGE = `usage: /logging?<name>=<level> (change single level)
usage: /logging?paths=name1:level1,name2:level2,... (change multiple levels)
usage: /logging?level=<level> (change all levels)
levels: ${[...LEVELS].join(' ')}
`;

export function setLevels(levels: Map<string, string>, query: URLSearchParams): { readonly status?: number; readonly body: string } {
  const changes = changesOf(query);
  const wrong = changes.find(([name, level]) => !LEVELS.has(level) || !(name === 'level' || LOGGERS.includes(name)));
  if (wrong) {
    const [name, level] = wrong;
    const why = LEVELS.has(level) ? `unknown logger name: ${name}` : `unknown logger level: ${level}`;
    return { status: 400, body: `error: ${why}\n\n${USAGE}` };
  }
  for (const [name, level] of changes) for (const logger of name === 'level' ? LOGGERS : [name]) levels.set(logger, level);
  return { body: `active loggers:\n${LOGGERS.map((name) => `  ${name}: ${levels.get(name) ?? USUAL}\n`).join('')}\n` };
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
