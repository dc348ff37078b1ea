/** The recipes of the README for CI: their commands run, and what they hand on has the shape that they promise. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { main } from '../src/cli.ts';
import { memoryHost } from '../src/host/memory.ts';
import { parseYaml } from '../src/text/yaml.ts';

const textOf = (path: string): string => readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8');
const readme = textOf('README.md');

/** The block of the README that holds a text. */
function blockWith(text: string): string {
  const found = [...readme.matchAll(/```\w+\n([\s\S]*?)```/g)].map(([, block]) => block ?? '').find((block) => block.includes(text));
  if (found === undefined) throw new Error(`The README has no block with "${text}".`);
  return found;
}

/** `meshctl analyze a "b=$C" | …` → the arguments, with variables put in. */
function argumentsIn(line: string, variables: Readonly<Record<string, string>> = {}): readonly string[] {
  const command = /(?:^|\s)meshctl (.+?)(?: \| |$)/.exec(line)?.[1] ?? '';
  const words = command.match(/(?:"[^"]*"|'[^']*'|\S)+/g) ?? [];
  return words.map((word) => word.replace(/["']/g, '').replace(/\$(\w+)/g, (_, name) => variables[name] ?? ''));
}

const BROKEN = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: web, namespace: shop }
spec:
  hosts: [web]
  http:
    - route: [{ destination: { host: gone } }]
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { ports: [{ name: odd, port: 80 }] }
`;

async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const host = memoryHost({ args, files: { '/project/deploy/web.yaml': BROKEN }, env });
  const exit = await main(host);
  return { exit, stdout: host.stdout(), stderr: host.stderr(), file: (path: string) => host.contents.get(path) ?? '' };
}

const linesOf = (block: string): readonly string[] => block.split('\n').filter((line) => /(?:^|\s)meshctl analyze/.test(line));

describe('the recipe', () => {
  it('for GitHub Actions writes text, annotations, SARIF and the summary', async () => {
    const block = blockWith('.github/workflows/mesh.yaml');
    const { jobs } = parseYaml(block) as { jobs: { analyze: { steps: { run?: string; uses?: string; with?: Record<string, string> }[] } } };
    const step = jobs.analyze.steps.find(({ run: command }) => command?.startsWith('meshctl'));
    const ran = await run(argumentsIn(step?.run ?? '', { GITHUB_STEP_SUMMARY: '/runner/summary' }), { GITHUB_ACTIONS: 'true' });
    expect(ran.exit).toBe(1);
    expect(ran.stdout).toMatch(/^error istio-routing\/destination-host-exists[\s\S]+\n::error file=deploy\/web\.yaml,line=7,/);
    expect(ran.file('/runner/summary')).toContain('## meshctl analyze');
    const upload = jobs.analyze.steps.find(({ uses }) => uses?.includes('upload-sarif'))?.with?.['sarif_file'];
    expect(JSON.parse(ran.file(`/project/${upload}`)).version).toBe('2.1.0');
  });

  it('for GitLab writes the reports that it names', async () => {
    const job = (
      parseYaml(blockWith('.gitlab-ci.yml')) as Record<string, { script: string[]; artifacts: { reports: Record<string, string> } }>
    )['analyze-mesh'];
    const ran = await run(argumentsIn(job?.script.find((line) => line.startsWith('meshctl')) ?? ''));
    expect([ran.exit, ran.stdout]).toEqual([1, expect.stringContaining('IST0101')]);
    const { codequality, junit } = job?.artifacts.reports ?? {};
    expect(JSON.parse(ran.file(`/project/${codequality}`))[0].location).toEqual({ path: 'deploy/web.yaml', lines: { begin: 7 } });
    expect(ran.file(`/project/${junit}`)).toContain('<testsuites name="meshctl"');
  });

  it('for pre-commit names a hook that is there, whose command takes its arguments', async () => {
    const hooks = parseYaml(textOf('.pre-commit-hooks.yaml')) as { id: string; entry: string; language: string; pass_filenames: boolean }[];
    const { repos } = parseYaml(blockWith('.pre-commit-config.yaml')) as { repos: { hooks: { id: string; args: string[] }[] }[] };
    expect(hooks.map(({ id, language }) => `${id} ${language}`)).toEqual(['meshctl-analyze node', 'meshctl-analyze-system system']);
    for (const { id, args } of repos.flatMap((repo) => repo.hooks)) {
      const hook = hooks.find((each) => each.id === id);
      expect(hook?.pass_filenames).toBe(false);
      expect((await run([...argumentsIn(hook?.entry ?? ''), ...args])).exit).toBe(1);
    }
    const { bin, scripts } = JSON.parse(textOf('package.json'));
    expect([bin.meshctl, scripts.prepare]).toEqual(['bin/meshctl.js', expect.stringContaining('prepare.js')]);
  });

  it('for reviewdog writes the format that it announces', async () => {
    const lines = linesOf(blockWith('| reviewdog'));
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      const format = / -f=(\w+)/.exec(line)?.[1];
      const args = argumentsIn(line);
      expect(args).toEqual(expect.arrayContaining(['-o', format]));
      expect((await run(args)).stdout).toMatch(format === 'rdjsonl' ? /^\{"message":/ : /<checkstyle version=/);
    }
  });

  it('for problem matchers reads every line of -o compact', async () => {
    const [matcher] = JSON.parse(blockWith('"problemMatcher"')).problemMatcher;
    const [pattern] = matcher.pattern;
    const { stdout } = await run(['analyze', 'deploy', '-o', 'compact']);
    const matches = stdout
      .trimEnd()
      .split('\n')
      .map((line) => new RegExp(pattern.regexp).exec(line));
    expect(matches.map((match) => match && ['file', 'line', 'column', 'severity', 'code'].map((name) => match[pattern[name]]))).toEqual([
      ['deploy/web.yaml', '7', '38', 'error', 'istio-routing/destination-host-exists'],
      ['deploy/web.yaml', '12', '25', 'info', 'istio-service/port-protocol-named'],
    ]);
  });

  it('for meshctl.yaml is read, and names its schema', async () => {
    const block = blockWith('yaml-language-server');
    expect(block).toMatch(/schema=node_modules\/meshctl\/schemas\/meshctl-config\.json/);
    const host = memoryHost({ args: ['analyze', 'legacy'], files: { '/project/meshctl.yaml': block, '/project/legacy/web.yaml': BROKEN } });
    // In legacy/ nothing fails.
    expect(await main(host)).toBe(0);
  });
});
