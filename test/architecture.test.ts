/** Who may import whom. The table is the one of the design; a folder that is missing or not listed fails too. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const src = fileURLToPath(new URL('../src', import.meta.url));

interface Permission {
  /** Files or folders below src, besides its own folder. */
  readonly own: readonly string[];
  /** Packages, and modules of Node with their prefix. */
  readonly outside: readonly string[];
}

const PURE = ['model', 'text', 'errors.ts'];
const CLUSTER = [...PURE, 'host/host.ts'];

/** The first row whose key is a prefix of the file decides. */
const TABLE: readonly (readonly [where: string, permission: Permission])[] = [
  ['errors.ts', { own: [], outside: [] }],
  ['model/', { own: ['errors.ts'], outside: [] }],
  // text is where well-kept libraries for syntax live, each imported by one file.
  ['text/yaml.ts', { own: PURE, outside: ['js-yaml'] }],
  ['text/yaml-tree.ts', { own: PURE, outside: ['js-yaml'] }],
  ['text/yaml-write.ts', { own: PURE, outside: ['js-yaml'] }],
  ['text/json.ts', { own: PURE, outside: ['jsonc-parser'] }],
  ['text/json-edit.ts', { own: PURE, outside: ['jsonc-parser'] }],
  ['text/protobuf.ts', { own: PURE, outside: ['@bufbuild/protobuf/wire'] }],
  ['text/pem.ts', { own: PURE, outside: ['node:crypto'] }],
  ['text/hash.ts', { own: PURE, outside: ['node:crypto'] }],
  ['text/re2.ts', { own: PURE, outside: ['re2js'] }],
  ['text/gzip.ts', { own: PURE, outside: ['node:zlib'] }],
  ['text/', { own: PURE, outside: [] }],
  // Ciphers and keys for the functions that charts make secrets with.
  ['template/functions/secrets.ts', { own: PURE, outside: ['bcryptjs', 'node-forge', 'node:crypto'] }],
  ['template/functions/encoding.ts', { own: PURE, outside: ['node:crypto'] }],
  ['template/functions/paths.ts', { own: PURE, outside: ['node:path'] }],
  ['template/toml.ts', { own: PURE, outside: ['smol-toml'] }],
  ['template/chart/schema.ts', { own: PURE, outside: ['ajv', 'ajv/dist/2019.js', 'ajv/dist/2020.js'] }],
  ['template/', { own: PURE, outside: [] }],
  ['install/release-record.ts', { own: [...PURE, 'template'], outside: ['node:zlib'] }],
  ['install/', { own: [...PURE, 'template'], outside: [] }],
  ['envoy/', { own: PURE, outside: [] }],
  ['tap/', { own: PURE, outside: [] }],
  ['inject/', { own: PURE, outside: [] }],
  ['analysis/', { own: PURE, outside: [] }],
  // What evaluates the expressions of definitions, loaded only for those.
  ['structure/cel.ts', { own: PURE, outside: ['@bufbuild/cel', '@bufbuild/cel/ext'] }],
  ['structure/cel-functions.ts', { own: PURE, outside: ['@bufbuild/cel'] }],
  ['structure/', { own: PURE, outside: [] }],
  // What meshes share for their checks, such as whether a webhook is answered, Kubernetes' own checks use too.
  ['checks/', { own: [...PURE, 'mesh/checks'], outside: [] }],
  ['rules/index.ts', { own: ['model'], outside: [] }],
  ['rules/families.ts', { own: ['model'], outside: [] }],
  // The mechanics of a mesh, which several families share; its adapter lists capabilities and is nothing for rules.
  ['rules/', { own: ['model', 'text', 'mesh/istio'], outside: [] }],
  // What makes certificates; loaded only when some are made.
  ['mesh/linkerd/install/make-certificates.ts', { own: [], outside: ['@peculiar/x509', 'reflect-metadata'] }],
  [
    'mesh/',
    {
      own: [
        ...PURE,
        'template',
        'envoy',
        'mesh/evidence.ts',
        'mesh/log-levels.ts',
        'mesh/checks',
        'mesh/describe',
        'mesh/install',
        'mesh/injection',
        'mesh/proxies',
      ],
      outside: [],
    },
  ],
  [
    'host/node.ts',
    { own: ['errors.ts'], outside: ['node:child_process', 'node:fs/promises', 'node:os', 'node:path', 'node:timers/promises'] },
  ],
  ['host/', { own: ['errors.ts'], outside: [] }],
  // The only door to a cluster: two files log in, one asks, two forward, three speak gRPC over that, one opens sockets.
  ['cluster/exec-plugin.ts', { own: CLUSTER, outside: ['node:child_process'] }],
  ['cluster/oidc.ts', { own: CLUSTER, outside: ['undici'] }],
  ['cluster/open-socket.ts', { own: CLUSTER, outside: ['socks', 'node:http', 'node:https', 'node:net', 'node:tls'] }],
  ['cluster/request.ts', { own: CLUSTER, outside: ['undici'] }],
  ['cluster/pod-port.ts', { own: CLUSTER, outside: ['undici', 'node:stream'] }],
  ['cluster/grpc-answers.ts', { own: CLUSTER, outside: ['node:http2'] }],
  ['cluster/grpc-calls.ts', { own: CLUSTER, outside: ['node:stream'] }],
  ['cluster/pod-session.ts', { own: CLUSTER, outside: ['node:http2', 'node:stream', 'node:tls'] }],
  ['cluster/forward-socket.ts', { own: CLUSTER, outside: ['ws', 'node:stream'] }],
  ['cluster/', { own: CLUSTER, outside: [] }],
  [
    'sandbox/',
    {
      own: [...PURE, 'mesh'],
      outside: ['node:crypto', 'node:http', 'node:http2', 'node:https', 'node:net', 'node:stream', 'node:tls', 'node:zlib', 'ws'],
    },
  ],
  // Where charts come from: one file asks servers, over the sockets of the door to clusters; one unpacks.
  ['charts/archive.ts', { own: [...PURE, 'template'], outside: ['modern-tar', 'node:util', 'node:zlib'] }],
  ['charts/digest.ts', { own: PURE, outside: ['node:crypto'] }],
  [
    'charts/fetch.ts',
    {
      own: [...CLUSTER, 'cluster/errors.ts', 'cluster/open-socket.ts', 'cluster/proxy.ts', 'cluster/tls.ts'],
      outside: ['node:tls', 'undici'],
    },
  ],
  ['charts/', { own: [...CLUSTER, 'template'], outside: [] }],
  ['gather/', { own: [...PURE, 'host/host.ts'], outside: [] }],
  ['terminal/style.ts', { own: [], outside: ['chalk'] }],
  ['terminal/table.ts', { own: [], outside: ['cli-table3'] }],
  ['terminal/progress.ts', { own: [], outside: ['ora'] }],
  ['terminal/', { own: [], outside: [] }],
  ['reporters/', { own: ['model', 'text', 'terminal'], outside: [] }],
  [
    'commands/',
    {
      own: [
        ...PURE,
        ...[
          'analysis',
          'charts',
          'checks',
          'envoy',
          'gather',
          'host/host.ts',
          'inject',
          'install',
          'mesh',
          'reporters',
          'rules',
          'structure',
          'tap',
          'template',
          'terminal',
        ],
      ],
      outside: [],
    },
  ],
  ['docs/', { own: ['commands', 'rules', 'errors.ts', 'model', 'text'], outside: [] }],
  [
    'cli.ts',
    {
      own: [
        'cluster/connect.ts',
        'commands',
        'errors.ts',
        'host/host.ts',
        'model/cluster.ts',
        'sandbox/scenarios/index.ts',
        'terminal/printable.ts',
        'terminal/wrap.ts',
      ],
      outside: ['commander'],
    },
  ],
  ['main.ts', { own: ['cli.ts', 'host/node.ts'], outside: [] }],
];

interface Import {
  readonly file: string;
  readonly target: string;
  readonly dynamic: boolean;
  readonly typeOnly: boolean;
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)],
  );
}

function importsOf(path: string): readonly Import[] {
  const text = readFileSync(path, 'utf8');
  const file = relative(src, path);
  const found = [...text.matchAll(/^(?:import|export)\s+(type\s)?[^;]*?from '([^']+)'|import\('([^']+)'\)|^import '([^']+)'/gm)];
  return found.map(([, typeOnly, from, dynamic, bare]) => {
    const specifier = from ?? dynamic ?? bare ?? '';
    const target = specifier.startsWith('.') ? relative(src, resolve(dirname(path), specifier)) : specifier;
    return { file, target, dynamic: dynamic !== undefined, typeOnly: typeOnly !== undefined };
  });
}

const files = filesBelow(src).filter((path) => path.endsWith('.ts'));
const imports = files.flatMap(importsOf);
const isOwn = (target: string): boolean => target.endsWith('.ts');
const within = (target: string, where: string): boolean => target === where || target.startsWith(where.endsWith('/') ? where : `${where}/`);

/** The unit that need not ask: a rule family, a mesh, or the first folder. */
function unitOf(file: string): string {
  const [first = '', second = ''] = file.split('/');
  return (first === 'rules' || first === 'mesh') && second !== '' && !second.endsWith('.ts')
    ? `${first}/${second}/`
    : `${first}${file.includes('/') ? '/' : ''}`;
}

function permissionFor(file: string): Permission | undefined {
  return TABLE.find(([where]) => (where.endsWith('/') ? file.startsWith(where) : file === where))?.[1];
}

/** What is loaded with a file: everything that it imports, but for what is loaded when it is asked for. */
function reachedFrom(entry: string): ReadonlySet<string> {
  const reached = new Set<string>();
  const visit = (file: string): void => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const edge of imports) if (edge.file === file && !edge.dynamic && !edge.typeOnly) visit(edge.target);
  };
  visit(entry);
  return reached;
}

describe('imports', () => {
  it('has a row for every file, and every row has a file', () => {
    expect(files.map((path) => relative(src, path)).filter((file) => !permissionFor(file))).toEqual([]);
    expect(TABLE.map(([where]) => where).filter((where) => !existsSync(join(src, where)))).toEqual([]);
  });

  it('stay inside what the table allows', () => {
    const forbidden = imports.filter(({ file, target }) => {
      const permission = permissionFor(file);
      if (!permission) return true;
      if (!isOwn(target)) return !permission.outside.includes(target);
      return !within(target, unitOf(file)) && !permission.own.some((where) => within(target, where));
    });
    expect(forbidden.map(({ file, target }) => `${file} imports ${target}`)).toEqual([]);
  });

  it('never let a rule read a mesh adapter, nor a command declaration load anything', () => {
    const wrong = imports.filter(
      ({ file, target, dynamic, typeOnly }) =>
        (file.startsWith('rules/') && /^mesh\/[^/]+\/index\.ts$/.test(target)) ||
        (/^commands\/[\w-]+\.ts$/.test(file) &&
          imports.some((other) => other.file === file && /\.run\.ts$/.test(other.target)) &&
          !dynamic &&
          !typeOnly &&
          // Rows that several declarations share.
          !/^commands\/(?:analyze|(?:cluster|input|install|mesh)-options|proxy-(?:config|status)\.names|inject-flags)\.ts$/.test(target)),
    );
    expect(wrong.map(({ file, target }) => `${file} imports ${target}`)).toEqual([]);
  });

  it('reach no rule, reporter or table from the entry without a dynamic import', () => {
    const reached = reachedFrom('main.ts');
    const heavy = [...reached].filter((target) =>
      /^(rules|reporters|mesh|terminal|analysis|gather|cluster|sandbox)\/|^(chalk|cli-table3|js-yaml|ajv|ora|undici|ws|@kubernetes)/.test(
        target,
      ),
    );
    expect(heavy).toEqual([]);
    expect([...reached].filter((target) => !isOwn(target)).sort()).toEqual([
      'commander',
      'node:fs/promises',
      'node:os',
      'node:path',
      'node:timers/promises',
    ]);
  });
});

describe('an analysis', () => {
  it('loads of the meshes what it asks of them, and neither their adapters nor what only adapters know', () => {
    const parts = [...reachedFrom('commands/analyze.run.ts')].filter((file) => file.startsWith('mesh/'));
    expect(parts).toContain('mesh/analyzed.ts');
    expect(parts.filter((file) => /^mesh\/(?:index\.ts|[^/]+\/(?:index\.ts|checks\/|install|proxy-status|tap))/.test(file))).toEqual([]);
  });
});

describe('top level', () => {
  it('holds what the design fixes and nothing else', () => {
    const root = fileURLToPath(new URL('..', import.meta.url));
    const allowed = ['LICENSE', 'README.md', 'bin', 'fixtures', 'package.json', 'schemas', 'src', 'test', 'tsconfig.json'];
    const built = ['dist', 'node_modules'];
    const present = readdirSync(root).filter((name) => !name.startsWith('.') && !built.includes(name));
    expect(present.filter((name) => !allowed.includes(name))).toEqual([]);
  });
});
