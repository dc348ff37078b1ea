/** Configuration, overrides and baselines of whole runs of analyze. */
import { describe, expect, it } from 'vitest';
import { main } from '../../src/cli.ts';
import { memoryHost } from '../../src/host/memory.ts';

interface Ran {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly found: readonly string[];
  /** A file as the run left it. */
  readonly file: (path: string) => string;
}

const RULES = ['istio-routing/destination-host-exists', 'istio-service/port-protocol-named'];

async function analyze(
  files: Readonly<Record<string, string>>,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const host = memoryHost({ args: ['analyze', '--complete', '--mesh', 'istio', ...args], files, env });
  const exit = await main(host);
  const stdout = host.stdout();
  const report = stdout.startsWith('{') ? JSON.parse(stdout) : { findings: [] };
  const found = report.findings.map(
    ({ rule, severity, position }: { rule: string; severity: string; position?: { source: string } }) =>
      `${severity} ${rule.slice(rule.indexOf('/') + 1)} ${position?.source}`,
  );
  return { exit, stdout, stderr: host.stderr(), found, file: (path) => host.contents.get(path) ?? '' };
}

const route = (name: string, hosts: readonly string[]): string => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ${name}, namespace: shop }
spec:
  hosts: [${name}]
  http:
${hosts.map((host) => `    - { name: to-${host}, route: [{ destination: { host: ${host} } }] }\n`).join('')}`;

const service = (name: string): string => `apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop }
spec: { ports: [{ name: odd, port: 80 }] }
`;

const TREE = {
  '/project/apps/a.yaml': route('a', ['gone']),
  '/project/legacy/b.yaml': route('b', ['gone']),
  '/project/legacy/c.yaml': service('c'),
};
const run = (config: string, args: readonly string[] = ['.'], files: Readonly<Record<string, string>> = TREE): Promise<Ran> =>
  analyze({ ...files, '/project/meshctl.yaml': config }, ['-o', 'json', ...RULES.flatMap((rule) => ['--rule', rule]), ...args]);

describe('overrides', () => {
  it('change severities in the files that they match, the later ones last', async () => {
    const ran = await run(`analyze:
  overrides:
    - { paths: [legacy/], rules: { IST0101: warning, IST0118: error } }
    - { paths: [legacy/c.yaml], rules: { IST0118: warning } }
`);
    expect(ran.found).toEqual([
      'error destination-host-exists apps/a.yaml',
      'warning destination-host-exists legacy/b.yaml',
      'warning port-protocol-named legacy/c.yaml',
    ]);
  });

  it('switch rules off, and on where they are off elsewhere', async () => {
    // Rules that are named by flag run all the same, so none is.
    const files = {
      ...TREE,
      '/project/meshctl.yaml': 'analyze:\n  rules: { "*": off }\n  overrides: [{ paths: ["*.yaml"], rules: { IST0118: info } }]\n',
    };
    expect((await analyze(files, ['-o', 'json', '.'])).found).toEqual(['info port-protocol-named legacy/c.yaml']);
    const off = { ...TREE, '/project/meshctl.yaml': 'analyze:\n  overrides: [{ paths: [legacy], rules: { "*": off } }]\n' };
    expect((await analyze(off, ['-o', 'json', '.'])).found).toEqual(['error destination-host-exists apps/a.yaml']);
  });

  it('decide what fails in their files', async () => {
    const onlyLegacy = { '/project/legacy/b.yaml': TREE['/project/legacy/b.yaml'] };
    const config = 'analyze:\n  overrides: [{ paths: [legacy/**], failOn: never }]\n';
    expect(await run(config, ['.'], onlyLegacy)).toMatchObject({ exit: 0, found: ['error destination-host-exists legacy/b.yaml'] });
    expect((await run(config)).exit).toBe(1);
    const strict = 'analyze:\n  failOn: never\n  overrides: [{ paths: [legacy/c.yaml], failOn: info }]\n';
    expect((await run(strict, ['legacy/c.yaml'])).exit).toBe(1);
    expect((await run(strict, ['legacy/b.yaml'])).exit).toBe(0);
  });

  it('count paths from the folder of the configuration file, wherever meshctl runs', async () => {
    const files = {
      '/deploy/meshctl.yaml': 'analyze:\n  overrides: [{ paths: [legacy/*.yaml], failOn: never }]\n',
      '/deploy/legacy/b.yaml': route('b', ['gone']),
    };
    const args = ['-o', 'json', '--config', '../deploy/meshctl.yaml', '--rule', 'IST0101'];
    expect((await analyze(files, [...args, '../deploy/legacy'])).exit).toBe(0);
    expect((await analyze(files, [...args, '/deploy/legacy/b.yaml'])).exit).toBe(0);
    expect((await analyze({ ...files, '/project/legacy/b.yaml': route('b', ['gone']) }, [...args, 'legacy'])).exit).toBe(1);
  });

  it('name only rules that exist', async () => {
    const ran = await run('analyze:\n  overrides: [{ paths: [a], rules: { IST9999: off } }]\n');
    expect([ran.exit, ran.stderr]).toEqual([2, expect.stringContaining('There is no rule "IST9999".')]);
  });
});

describe('suppressions of paths', () => {
  it('count from the folder of the configuration file too', async () => {
    const config = 'analyze:\n  suppress: [{ rule: IST0101, path: legacy/*.yaml }]\n';
    const files = { '/deploy/meshctl.yaml': config, '/deploy/legacy/b.yaml': route('b', ['gone']) };
    const ran = await analyze(files, ['-o', 'json', '--config', '../deploy/meshctl.yaml', '--rule', 'IST0101', '../deploy']);
    expect([ran.found, JSON.parse(ran.stdout).summary.suppressed]).toEqual([[], 1]);
  });
});

describe('suppressions that ended', () => {
  it('are named, and what they covered is reported again', async () => {
    const ran = await run('analyze:\n  suppress: [{ rule: IST0101, until: "1960-01-01", reason: soon }]\n', ['apps']);
    expect(ran.found).toEqual(['error destination-host-exists apps/a.yaml']);
    expect(ran.stderr).toContain('meshctl.yaml: analyze.suppress[0] ended on 1960-01-01, so that what it covered is reported again');
  });
});

describe('a baseline', () => {
  const written = async (): Promise<string> => {
    const ran = await analyze({ '/project/a.yaml': route('a', ['gone', 'lost']) }, [
      '--rule',
      'IST0101',
      '--write-baseline',
      'base.json',
      'a.yaml',
    ]);
    expect(ran.exit).toBe(0);
    return ran.file('/project/base.json');
  };

  it('knows findings again in another file, on other lines and in another order, and lets new ones through', async () => {
    const files = {
      '/project/base.json': await written(),
      '/project/moved/web.yaml': `# moved\n\n${service('x')}---\n${route('a', ['lost', 'new', 'gone'])}`,
    };
    const ran = await analyze(files, ['-o', 'json', '--rule', 'IST0101', '--baseline', 'base.json', 'moved']);
    expect(ran.stdout).toContain('\\"new\\" is not a service');
    expect(ran.found).toEqual(['error destination-host-exists moved/web.yaml']);
    expect(ran.stderr).toBe('');
  });

  it('names entries that no finding needs, and --prune-baseline takes them out', async () => {
    const files = { '/project/base.json': await written(), '/project/a.yaml': route('a', ['gone']) };
    const ran = await analyze(files, ['--rule', 'IST0101', '--baseline', 'base.json', 'a.yaml']);
    expect(ran.stderr).toContain('[name=to-lost]');
    expect(ran.stderr).toContain('--prune-baseline takes it out');
    const pruned = await analyze(files, ['--rule', 'IST0101', '--baseline', 'base.json', '--prune-baseline', 'a.yaml']);
    expect([pruned.exit, pruned.stderr]).toEqual([0, expect.stringContaining('it was taken out')]);
    const entries = JSON.parse(pruned.file('/project/base.json')).findings;
    expect(entries).toHaveLength(1);
    expect(entries[0].field).toContain('[name=to-gone]');
  });

  it('keeps entries of rules that did not run', async () => {
    const base = await written();
    const files = { '/project/base.json': base, '/project/a.yaml': route('a', []) };
    const ran = await analyze(files, ['--rule', 'IST0118', '--baseline', 'base.json', '--prune-baseline', 'a.yaml']);
    expect([ran.stderr, ran.file('/project/base.json')]).toEqual(['', base]);
  });

  it('knows findings in items without names again, whatever is inserted above or taken out', async () => {
    const nameless = (hosts: readonly string[]): string => route('a', hosts).replaceAll(/name: to-\w+, /g, '');
    const rules = ['--rule', 'IST0101', '--rule', 'istio-validation/telemetry-one-tracing'];
    const telemetry = (entries: readonly string[]): string =>
      `apiVersion: telemetry.istio.io/v1\nkind: Telemetry\nmetadata: { name: all, namespace: shop }\nspec:\n  tracing:\n${entries.map((entry) => `    - { customTags: { ${entry}: { literal: { value: x } } } }\n`).join('')}`;
    const before = `${nameless(['gone', 'lost'])}---\n${telemetry(['a', 'b'])}`;
    const first = await analyze({ '/project/a.yaml': before }, [...rules, '--write-baseline', 'base.json', 'a.yaml']);
    expect(first.stdout).toBe('Wrote 3 findings to base.json.\n');
    const base = first.file('/project/base.json');

    // The entry of tracing that was the second is the third now, as the message about it says.
    const after = `${nameless(['new', 'lost', 'lost'])}---\n${telemetry(['a', 'c', 'b'])}`;
    const files = { '/project/base.json': base, '/project/a.yaml': after };
    const ran = await analyze(files, ['-o', 'json', ...rules, '--baseline', 'base.json', '--prune-baseline', 'a.yaml']);
    const messages = JSON.parse(ran.stdout).findings.map(({ message }: { message: string }) => message.slice(0, 16));
    expect(messages).toEqual(['Host "new" is no', 'Host "lost" is n', 'Entry 2 of traci']);
    expect(ran.stderr).toContain('spec.http[].route[host=gone].destination.host is of no use, as no finding needs it; it was taken out');
    expect(JSON.parse(ran.file('/project/base.json')).findings).toHaveLength(2);
  });

  it('is not pruned where there is none', async () => {
    const ran = await analyze({ '/project/a.yaml': service('a') }, ['--prune-baseline', 'a.yaml']);
    expect([ran.exit, ran.stderr]).toEqual([2, expect.stringContaining('--baseline FILE')]);
  });
});

describe('in GitHub Actions', () => {
  const files = { '/project/a.yaml': route('a', ['gone']) };
  const inActions = { GITHUB_ACTIONS: 'true' };

  it('the text is followed by annotations, unless a format is chosen', async () => {
    const ran = await analyze(files, ['a.yaml'], inActions);
    expect(ran.stdout).toMatch(/^error istio-routing\/destination-host-exists/);
    expect(ran.stdout).toMatch(/\n::error file=a\.yaml,line=7,/);
    expect((await analyze(files, ['-o', 'text', 'a.yaml'], inActions)).stdout).not.toContain('::error');
    expect((await analyze(files, ['a.yaml'])).stdout).not.toContain('::error');
  });

  it('rules are listed as ever', async () => {
    expect((await analyze({}, ['--list-rules'], inActions)).exit).toBe(0);
  });
});
