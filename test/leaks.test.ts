/**
 * What stands in a Secret is never shown, whatever is found on it or beside it. Elsewhere a report
 * quotes the line that a finding is about and the one before, as any linter does, and nothing beyond.
 */
import { describe, expect, it } from 'vitest';
import { main } from '../src/cli.ts';
import { memoryHost } from '../src/host/memory.ts';
import { reporterNames } from '../src/reporters/index.ts';

const planted = (name: string): string => `PLANTED${name}PLANTED`;
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const key = (name: string): string => `-----BEGIN PRIVATE KEY-----\n${base64(planted(name))}\n-----END PRIVATE KEY-----\n`;

/** A Secret as `kubectl apply` leaves it: its data stands in an annotation a second time. */
const secret = (name: string, more: object): object => {
  const applied = { apiVersion: 'v1', kind: 'Secret', data: { password: base64(planted('applied')) } };
  const annotations = {
    'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(applied),
    'sidecar.istio.io/unheardOf': planted('note'),
  };
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'ingress', annotations, labels: { token: planted('label') } },
    ...more,
  };
};

const server = (port: number, credentialName: string): object => ({
  port: { number: port, name: 'https', protocol: 'HTTPS' },
  hosts: [`h${port}.example.com`],
  tls: { mode: 'SIMPLE', credentialName },
});

const SECRETS: readonly object[] = [
  secret('no-key', { type: 'kubernetes.io/tls', data: { 'tls.crt': base64(key('crt')), 'tls.key': planted('rawkey') } }),
  secret('not-base64', { type: 'kubernetes.io/tls', data: { 'tls.crt': `%${planted('crtbroken')}`, 'tls.key': 7 } }),
  secret('plain', { type: 'Opaque', stringData: { cert: planted('cert'), key: key('stringdata'), [planted('name')]: 'x' } }),
  secret('empty', { type: 'Opaque', data: { cert: '', token: base64(planted('token')) } }),
  secret('registry', {
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': base64(`{"auths":"${planted('registry')}"}`) },
  }),
];

const BESIDE: readonly object[] = [
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'ingress', namespace: 'ingress' },
    spec: { template: { metadata: { labels: { istio: 'ingress' } }, spec: { containers: [{ name: 'istio-proxy', image: 'auto' }] } } },
  },
  {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Gateway',
    metadata: { name: 'shop', namespace: 'ingress' },
    spec: {
      selector: { istio: 'ingress' },
      servers: ['no-key', 'not-base64', 'plain', 'empty', 'registry', 'gone'].map((name, index) => server(8443 + index, name)),
    },
  },
];

/** Objects that are no Secrets, with findings in other fields than those that hold something secret. */
const QUIET: readonly object[] = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { 'istio-injection': 'enabled' } } },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'web',
      namespace: 'shop',
      labels: { app: 'web' },
      annotations: {
        'kubectl.kubernetes.io/last-applied-configuration': planted('podapplied'),
        note: 'x',
        'sidecar.istio.io/unheardOf': planted('annotation'),
      },
    },
    spec: {
      securityContext: { runAsUser: 1337 },
      imagePullSecrets: [{ name: planted('pull') }],
      containers: [{ name: 'web', image: 'web:1', env: [{ name: 'TOKEN', value: planted('env') }] }],
    },
  },
  {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'web', namespace: 'shop' },
    spec: {
      hosts: ['web'],
      http: [
        { route: [{ destination: { host: 'gone' }, headers: { request: { set: { authorization: `Bearer ${planted('bearer')}` } } } }] },
      ],
    },
  },
  {
    apiVersion: 'security.istio.io/v1',
    kind: 'RequestAuthentication',
    metadata: { name: 'jwt', namespace: 'shop' },
    spec: { selector: { matchLabels: { app: 'none' } }, jwtRules: [{ issuer: 'x', jwks: `{"keys":[{"d":"${planted('jwks')}"}]}` }] },
  },
];

/** YAML in block and flow style, and JSON on many lines and on one. */
const TEXTS: Readonly<Record<string, (objects: readonly object[]) => string>> = {
  documents: (objects) => objects.map((object) => JSON.stringify(object, undefined, 1)).join('\n---\n'),
  'a list': (objects) => JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }, undefined, 1),
  'a line': (objects) => JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }),
};

async function outputOf(text: string, format: string): Promise<string> {
  const host = memoryHost({ args: ['analyze', 'in.json', '--complete', '-v', '-o', format], files: { 'in.json': text } });
  await main(host);
  return host.stdout() + host.stderr();
}

/** Every name under which a planted value may show: as it is, and in base64 at whatever offset. */
function leaksIn(output: string): readonly string[] {
  const encoded = ['PLANTED', 'xPLANTED', 'xxPLANTED'].map((text) => base64(text).slice(4, 8));
  return [...output.matchAll(/PLANTED(\w+?)PLANTED/g)].map(([, name = '']) => name).concat(encoded.filter((part) => output.includes(part)));
}

describe.each(reporterNames)('as %s', (format) => {
  it.each(Object.keys(TEXTS))('nothing of a Secret shows, read from %s', async (style) => {
    const output = await outputOf(TEXTS[style]?.([...SECRETS, ...BESIDE]) ?? '', format);
    expect(output).toContain('istio-gateway/credential-valid');
    expect(leaksIn(output)).toEqual([]);
  });

  it('a document that cannot be read is not quoted', async () => {
    const broken = `apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n  a: ${planted('one')}\n  a: ${planted('two')}\n b: [${planted('three')}\n`;
    const bare = `apiVersion: v1\nkind: Secret\nmetadata: {name: 12}\nstringData: {a: ${planted('one')}, b: !tag ${planted('two')}}\n`;
    expect(leaksIn(await outputOf(`${broken}---\n${bare}---\n*${planted('alias')}: &x ${planted('four')}`, format))).toEqual([]);
  });

  it('of other objects only what a finding is about shows', async () => {
    const output = await outputOf(TEXTS['documents']?.(QUIET) ?? '', format);
    expect(output).toContain('istio-routing/destination-host-exists');
    // The unknown annotation itself is what a finding is about, so code frames show its line.
    expect(leaksIn(output).filter((name) => name !== 'annotation')).toEqual([]);
  });
});
