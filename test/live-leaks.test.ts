/**
 * Against a cluster too, nothing secret shows: neither what Secrets, environments and applied configurations hold, nor
 * the credentials of the kubeconfig, in any answer, in any format, and in no error.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../src/cli.ts';
import { memoryHost } from '../src/host/memory.ts';
import { reporterNames } from '../src/reporters/index.ts';
import { issueCertificate } from '../src/sandbox/pki/certificate.ts';
import { scenarios } from '../src/sandbox/scenarios/index.ts';
import { type Sandbox, startSandbox } from '../src/sandbox/server.ts';

const planted = (name: string): string => `PLANTED${name}PLANTED`;
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const TOKEN = planted('bearer');

const { certificatePem } = issueCertificate({ commonName: 'web', notBefore: Date.UTC(2020), notAfter: Date.UTC(2021) });

/** Named as installations name theirs, so that checks read them. */
const secret = (namespace: string, name: string, type: string, data: Readonly<Record<string, string>>): object => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    name,
    namespace,
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ data: { password: base64(planted('applied')) } }) },
  },
  type,
  data: Object.fromEntries(Object.entries(data).map(([field, value]) => [field, base64(value)])),
});

const key = (name: string): string => `-----BEGIN PRIVATE KEY-----\n${base64(planted(name))}\n-----END PRIVATE KEY-----\n`;

const OBJECTS: readonly object[] = [
  secret('istio-system', 'cacerts', 'Opaque', {
    'ca-cert.pem': certificatePem,
    'ca-key.pem': key('cakey'),
    'root-cert.pem': certificatePem,
    'cert-chain.pem': certificatePem,
  }),
  secret('istio-system', 'istio-ca-secret', 'istio.io/ca-root', { 'ca-cert.pem': 'none', 'ca-key.pem': key('selfsigned') }),
  secret('istio-system', 'bookinfo-cert', 'kubernetes.io/tls', { 'tls.crt': certificatePem, 'tls.key': key('tls') }),
  secret('bookinfo', 'database', 'Opaque', { password: planted('password') }),
  {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Gateway',
    metadata: { name: 'tls', namespace: 'istio-system' },
    spec: {
      selector: { istio: 'ingressgateway' },
      servers: [
        {
          port: { number: 443, name: 'https', protocol: 'HTTPS' },
          hosts: ['a.example.com'],
          tls: { mode: 'SIMPLE', credentialName: 'bookinfo-cert' },
        },
      ],
    },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'loud',
      namespace: 'bookinfo',
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': planted('deployment') },
    },
    spec: {
      selector: { matchLabels: { app: 'loud' } },
      template: {
        metadata: { labels: { app: 'loud', 'sidecar.istio.io/inject': 'false' } },
        spec: {
          containers: [
            {
              name: 'loud',
              image: 'loud:latest',
              args: [`--password=${planted('argument')}`],
              env: [{ name: 'API_KEY', value: planted('env') }],
            },
          ],
        },
      },
    },
  },
];

const COMMANDS: readonly (readonly string[])[] = [
  ...['text', 'short', 'json', 'yaml', 'junit', 'linkerd'].flatMap((format) => [
    ['check', '-v', '-o', format],
    ['check', '--proxy', '-v', '-o', format],
  ]),
  ['check', '--pre', '--mesh', 'istio', '-v', '-o', 'json'],
  ['check', '--pre', '-v'],
  ['check', '--posture', '-v'],
  ['check', '--posture', '-o', 'yaml'],
  ...reporterNames.map((format) => ['analyze', '-A', '-v', '-o', format]),
];

describe('a cluster with secrets', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    const options = scenarios.find(({ name }) => name === 'bookinfo')?.options();
    sandbox = await startSandbox({ ...options, token: TOKEN, objects: [...(options?.objects ?? []), ...OBJECTS] });
  });
  afterAll(() => sandbox.close());

  async function outputOf(args: readonly string[], kubeconfig = sandbox.kubeconfig()): Promise<string> {
    const host = memoryHost({ args, files: { '/kube': kubeconfig }, env: { KUBECONFIG: '/kube' }, now: Date.now() });
    const exit = await main(host);
    return `${exit}\n${host.stdout()}${host.stderr()}`;
  }

  /** Planted values as they are, and in base64 at whatever offset. */
  function leaksIn(output: string): readonly string[] {
    const encoded = ['PLANTED', 'xPLANTED', 'xxPLANTED'].map((text) => base64(text).slice(4, 8));
    return [...output.matchAll(/PLANTED(\w+?)PLANTED/g)]
      .map(([, name = '']) => name)
      .concat(encoded.filter((part) => output.includes(part)));
  }

  it.each(COMMANDS.map((args) => [args.join(' '), args] as const))('keeps them: %s', async (_, args) => {
    const output = await outputOf(args);
    expect(output).toMatch(/^[01]\n/);
    expect(output.length).toBeGreaterThan(50);
    expect(leaksIn(output)).toEqual([]);
  });

  it('keeps its credentials when it refuses them, or cannot be reached', async () => {
    const refused = sandbox.kubeconfig().replace(TOKEN, planted('other'));
    expect(await outputOf(['check'], refused)).toMatch(/^3\n/);
    expect(leaksIn(await outputOf(['check', '-v'], refused))).toEqual([]);
    const unreachable = sandbox.kubeconfig().replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1');
    expect(await outputOf(['analyze', '-A', '-v'], unreachable)).toMatch(/^3\n/);
    expect(leaksIn(await outputOf(['analyze', '-A', '-v'], unreachable))).toEqual([]);
    const torn = sandbox.kubeconfig().replace(`token: ${TOKEN}`, `token: [${TOKEN}`);
    expect(await outputOf(['check'], torn)).toMatch(/^3\n/);
    expect(leaksIn(await outputOf(['check', '-v'], torn))).toEqual([]);
  });
});
