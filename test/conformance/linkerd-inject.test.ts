/**
 * Linkerd's own cases of `linkerd inject` and `linkerd uninject`: the same objects, and the same said of each. Both
 * sides are compared without what is empty, which Linkerd drops from objects that it reads into types of its own.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { settingsAt } from '../../src/mesh/injection/settings.ts';
import { inject } from '../../src/mesh/linkerd/inject/index.ts';
import { isBody, listAt, stringAt, stringMapAt } from '../../src/model/body.ts';
import type { InjectOutcome, Injector, InjectRequest } from '../../src/model/inject.ts';
import type { Body } from '../../src/model/resource.ts';
import { kindOf } from '../../src/model/resource.ts';
import { podPathOf } from '../../src/model/workloads.ts';
import { splitDocuments } from '../../src/text/documents.ts';
import { parseQuantity } from '../../src/text/quantity.ts';
import { parseYaml } from '../../src/text/yaml.ts';

interface Document {
  readonly path: string;
  readonly text?: string;
}

interface Case {
  readonly id: string;
  readonly suite: string;
  readonly command?: string;
  readonly config?: { readonly base: string; readonly overrides: Readonly<Record<string, unknown>>; readonly enableDebugSidecar?: boolean };
  readonly input?: readonly Document[];
  readonly exit?: number;
  readonly expected: { readonly stdout?: Document; readonly stderr?: Document; readonly annotations?: Readonly<Record<string, string>> };
}

const folder = fileURLToPath(new URL('../../../shared/cases/linkerd', import.meta.url));
const isPresent = existsSync(folder);
if (!isPresent) console.warn(`SKIPPED: the cases of Linkerd are not at ${folder}.`);

const cases: readonly Case[] = isPresent ? JSON.parse(readFileSync(`${folder}/cases.json`, 'utf8')).cases : [];

const textOf = ({ path, text }: Document): string => text ?? readFileSync(`${folder}/files/${path}`, 'utf8');

/** Objects of a stream, Lists taken apart, as they are handed to an injector. */
function objectsIn(text: string): readonly Body[] {
  return splitDocuments(text)
    .map((part) => parseYaml(part.text))
    .filter(isBody)
    .flatMap((body) => (body['kind'] === 'List' ? listAt(body, 'items').filter(isBody) : [body]));
}

function requestFor(object: Body): InjectRequest {
  const kind = kindOf(stringAt(object, 'apiVersion') ?? '', stringAt(object, 'kind') ?? '');
  const namespace = stringAt(object, 'metadata', 'namespace') ?? '';
  return { object, template: podPathOf(kind) ?? [], namespace, home: undefined };
}

/** Without what is empty, and without the name of the program that did it; amounts as the numbers that they are. */
function tidy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidy);
  if (!isBody(value)) return value;
  const entries = Object.entries(value).flatMap(([key, entry]) => {
    const inner = key === 'cpu' ? parseQuantity(String(entry)) : tidy(entry);
    const isEmpty = inner === null || inner === '' || (typeof inner === 'object' && Object.keys(inner).length === 0);
    return isEmpty || key === 'linkerd.io/created-by' ? [] : [[key, inner] as const];
  });
  return Object.fromEntries(entries);
}

const VERSIONS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'inject-base': {
    linkerdVersion: 'test-inject-control-plane-version',
    'proxy.image.version': 'test-inject-proxy-version',
    'debugContainer.image.version': 'test-inject-debug-version',
  },
  'install-test-base': {
    linkerdVersion: 'install-control-plane-version',
    'proxy.image.version': 'install-proxy-version',
    'debugContainer.image.version': 'install-debug-version',
  },
};

async function injectorFor({ config, command, suite }: Case): Promise<Injector> {
  const anchors = readFileSync(`${folder}/files/cli/cmd/testdata/valid-trust-anchors.pem`, 'utf8');
  const { 'proxy.inbound': inbound } = config?.overrides ?? {};
  // The command is tested with values of a control plane, and the injection with values that a user sets.
  const isInstalled = suite === 'inject-cmd';
  const installed = { identityTrustAnchorsPEM: anchors, ...VERSIONS[config?.base ?? ''], ...(isInstalled && config?.overrides) };
  return inject.open({
    manual: command?.includes('--manual') === true,
    files: { values: { path: 'values.yaml', text: JSON.stringify(settingsAt(installed, {})) } },
    settings: {
      ...(!isInstalled && config?.overrides),
      ...(config?.enableDebugSidecar && { 'enable-debug-sidecar': true }),
      // The case puts another mapping in the place of the chart's, where `--set` lays one over the other.
      ...(inbound !== undefined && { 'proxy.inbound.server': null, 'proxy.outbound.server': null }),
    },
  });
}

/** What Linkerd's report says of each object. */
function verdicts(report: string): readonly string[] {
  return [...report.matchAll(/^(\w+) "(.*)" (\w+)$/gm)].map(([, kind, name, verdict]) => `${kind} ${name} ${verdict}`);
}

/** Linkerd says `injected` of what is only annotated, and `skipped` of what has nothing to remove. */
function verdictOn(object: Body, { action }: InjectOutcome): string {
  const isNamespace = object['kind'] === 'Namespace';
  const word = action === 'annotated' && !isNamespace ? 'injected' : action === 'unchanged' ? 'skipped' : action;
  return `${String(object['kind']).toLowerCase()} ${stringAt(object, 'metadata', 'name')} ${word}`;
}

const of = (...suites: readonly string[]): readonly Case[] => cases.filter(({ suite, exit }) => suites.includes(suite) && exit === 0);

describe.skipIf(!isPresent)('the cases of Linkerd', () => {
  it.each(of('inject', 'inject-cmd', 'inject-filepath').map((each) => [each.id, each] as const))('%s', async (_, given) => {
    const injector = await injectorFor(given);
    const objects = (given.input ?? []).flatMap((input) => objectsIn(textOf(input)));
    const outcomes = objects.map((object) => injector.inject(requestFor(object)));
    const results = outcomes.map((outcome, index) => outcome.object ?? objects[index]);
    const wanted = given.expected.stdout ? objectsIn(textOf(given.expected.stdout)) : [];
    expect(results.map(tidy)).toEqual(wanted.map(tidy));
    if (given.expected.stderr) {
      expect(outcomes.map((outcome, index) => verdictOn(objects[index] ?? {}, outcome))).toEqual(verdicts(textOf(given.expected.stderr)));
    }
    for (const [index, result] of results.entries()) {
      if (!result || outcomes[index]?.action === 'skipped') continue;
      expect(injector.inject(requestFor(result)).action).toBe('unchanged');
      // Parts of the control plane keep their labels.
      if (stringAt(result, 'metadata', 'labels', 'linkerd.io/control-plane-component')) continue;
      const back = inject.uninject(requestFor(result)).object;
      const clean = inject.uninject(requestFor(objects[index] ?? {})).object ?? objects[index];
      expect(back).toEqual(clean);
    }
  });

  it.each(of('uninject').map((each) => [each.id, each] as const))('%s', (_, given) => {
    const objects = (given.input ?? []).flatMap((input) => objectsIn(textOf(input)));
    const outcomes = objects.map((object) => inject.uninject(requestFor(object)));
    const results = outcomes.map((outcome, index) => outcome.object ?? objects[index]);
    expect(results.map(tidy)).toEqual(objectsIn(textOf(given.expected.stdout ?? { path: '' })).map(tidy));
    expect(outcomes.map((outcome, index) => verdictOn(objects[index] ?? {}, outcome))).toEqual(
      verdicts(textOf(given.expected.stderr ?? { path: '' })),
    );
  });

  it('fails where Linkerd does', async () => {
    const failing = cases.filter(({ suite, exit, id }) => suite === 'inject-cmd' && exit === 1 && !id.startsWith('inject-cmd-00'));
    expect(failing.length).toBeGreaterThan(1);
    for (const given of failing) {
      const injector = await injectorFor(given);
      const [object = {}] = objectsIn(textOf(given.input?.[0] ?? { path: '' }));
      expect([given.id, injector.inject(requestFor(object)).action]).toEqual([
        given.id,
        given.id === 'inject-cmd-01' ? 'failed' : 'skipped',
      ]);
    }
  });

  it('makes an annotation of every value that is changed', async () => {
    const [given] = cases.filter(({ suite }) => suite === 'inject-override-annotations');
    const { 'proxy.resources': _, ...settings } = (given?.input ?? {}) as Readonly<Record<string, unknown>>;
    const cpu = { 'proxy-cpu-request': '10m', 'proxy-cpu-limit': '100m', 'proxy-memory-request': '10Mi', 'proxy-memory-limit': '50Mi' };
    const injector = await inject.open({ manual: false, files: {}, settings: { ...settings, ...cpu } });
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, spec: { containers: [{ name: 'web' }] } };
    const { object } = injector.inject({ object: pod, template: [], namespace: 'shop', home: undefined });
    expect(stringMapAt(object, 'metadata', 'annotations')).toEqual({ ...given?.expected.annotations, 'linkerd.io/inject': 'enabled' });
  });
});
