/** Credential plugins: real programs, in shell script. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { connect } from '../../src/cluster/connect.ts';
import { memoryHost } from '../../src/host/memory.ts';
import { closeAll, clusterAt, failureOf, serve, TOKEN } from './api.ts';
import { authority, client, good } from './certificates.ts';

afterEach(closeAll);

const folder = mkdtempSync(join(tmpdir(), 'meshctl-plugin-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const V1 = 'client.authentication.k8s.io/v1';
const V1BETA1 = 'client.authentication.k8s.io/v1beta1';
const version = { json: { gitVersion: 'v1.34.0' } };
const base64 = (text: string): string => Buffer.from(text).toString('base64');

let scripts = 0;
function script(text: string): string {
  const command = join(folder, `plugin-${++scripts}`);
  writeFileSync(command, `#!/bin/sh\n${text}\n`);
  chmodSync(command, 0o755);
  return command;
}
const plugin = (text: string, more: object = {}) => ({
  exec: { apiVersion: V1, interactiveMode: 'IfAvailable', command: script(text), ...more },
});
const credential = (status: object, apiVersion = V1): string => `'${JSON.stringify({ apiVersion, kind: 'ExecCredential', status })}'`;
const fileNamed = (name: string): string => join(folder, name);

describe('a credential plugin', () => {
  it.each([V1, V1BETA1])('speaks %s, with the arguments and the environment of the kubeconfig', async (apiVersion) => {
    const told = fileNamed('told');
    const user = plugin(`echo "$* $STAGE $INHERITED $KUBERNETES_EXEC_INFO" > ${told}; echo ${credential({ token: 't' }, apiVersion)}`, {
      apiVersion,
      args: ['get-token', '--cluster', 'a b'],
      env: [{ name: 'STAGE', value: 'test' }],
    });
    const server = await serve(() => version);
    const { cluster } = await clusterAt(server.url, { user, env: { INHERITED: 'yes' } });
    await cluster.version();
    expect(server.asked[0]?.headers.authorization).toBe('Bearer t');
    const info = JSON.stringify({ apiVersion, kind: 'ExecCredential', spec: { interactive: false } });
    expect(readFileSync(told, 'utf8')).toBe(`get-token --cluster a b test yes ${info}\n`);
  });

  it('may be named by a path beside the kubeconfig', async () => {
    const command = script(`echo ${credential({ token: 'beside' })}`);
    const server = await serve(() => version);
    const file = JSON.stringify({
      'current-context': 'c',
      clusters: [{ name: 'c', cluster: { server: server.url } }],
      users: [{ name: 'u', user: { exec: { apiVersion: V1, command: `./${command.slice(folder.length + 1)}` } } }],
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    });
    const cluster = await connect({ kubeconfig: fileNamed('config') }, memoryHost({ files: { [fileNamed('config')]: file } }));
    await cluster.version();
    await cluster.close();
    expect(server.asked[0]?.headers.authorization).toBe('Bearer beside');
  });

  it('may answer with a client certificate', async () => {
    const answer = JSON.stringify({
      apiVersion: V1,
      kind: 'ExecCredential',
      status: { clientCertificateData: client.cert, clientKeyData: client.key },
    });
    writeFileSync(fileNamed('certificate.json'), answer);
    const server = await serve(() => version, { ...good, ca: authority, requestCert: true, rejectUnauthorized: true });
    const { cluster } = await clusterAt(server.url, {
      cluster: { 'certificate-authority-data': base64(authority) },
      user: plugin(`cat ${fileNamed('certificate.json')}`),
    });
    expect(await cluster.version()).toEqual({ gitVersion: 'v1.34.0' });
  });

  it('is asked again when what it gave has expired, before the server refuses it', async () => {
    const runs = fileNamed('runs');
    const status = { token: 'run', expirationTimestamp: '2026-01-01T00:01:00Z' };
    const server = await serve(() => version);
    const { cluster, host } = await clusterAt(server.url, { user: plugin(`echo x >> ${runs}; echo ${credential(status)}`) });
    await cluster.version();
    await cluster.version();
    expect(readFileSync(runs, 'utf8')).toBe('x\n');
    await host.clock.sleep(60_000);
    await cluster.version();
    expect(readFileSync(runs, 'utf8')).toBe('x\nx\n');
  });

  it('is not asked where the kubeconfig holds a token', async () => {
    const ran = fileNamed('ran');
    const server = await serve(() => version);
    const { cluster } = await clusterAt(server.url, { user: { token: TOKEN, ...plugin(`touch ${ran}; exit 1`) } });
    await cluster.version();
    expect(() => readFileSync(ran)).toThrow('ENOENT');
  });

  it('finds its input empty where there is no terminal, instead of waiting', async () => {
    const server = await serve(() => version);
    const { cluster } = await clusterAt(server.url, { user: plugin(`read name || { echo "no name given" >&2; exit 7; }`) });
    expect((await failureOf(cluster.version())).message).toContain('failed with exit code 7: no name given (context');
  });

  it('ends with the cluster', async () => {
    const [started, done] = [fileNamed('started'), fileNamed('done')];
    const server = await serve(() => version);
    const { cluster } = await clusterAt(server.url, {
      user: plugin(`trap 'touch ${done}; exit 1' TERM; touch ${started}; while :; do sleep 0.02; done`),
    });
    const failed = failureOf(cluster.version());
    await expect.poll(() => readFileSync(started, 'utf8')).toBe('');
    await cluster.close();
    expect((await failed).message).toBe('The cluster was closed.');
    await expect.poll(() => readFileSync(done, 'utf8')).toBe('');
  });

  const exec = { exec: { apiVersion: V1, command: 'no-such-plugin', installHint: `Get it at example.com, not with ${TOKEN}.` } };
  it.each([
    ['is missing', exec, 'is not installed or not in PATH', 'Get it at example.com, not with [redacted].'],
    [
      'wants a terminal',
      plugin('exit 0', { interactiveMode: 'Always' }),
      'asks questions, and there is no terminal',
      'Run meshctl in a terminal',
    ],
    ['fails without a word', plugin('exit 3'), 'failed with exit code 3 (context "test"', 'Run the command by hand'],
    ['is killed', plugin('kill -9 $$'), 'failed with signal SIGKILL', 'Run the command by hand'],
    ['fails with a secret', plugin(`echo "bad token ${TOKEN}" >&2; exit 1`), 'failed with exit code 1: bad token [redacted]', 'Run'],
    [
      'gives nothing',
      plugin(`echo ${credential({ expirationTimestamp: '2030-01-01T00:00:00Z' })}`),
      'gave neither a token nor a certificate',
      'Run',
    ],
    ['gives half', plugin(`echo ${credential({ clientKeyData: TOKEN })}`), 'gave a key without a certificate', 'Run'],
    ['speaks another version', plugin(`echo ${credential({ token: TOKEN }, V1BETA1)}`), `speaks another version ("${V1BETA1}")`, 'Run'],
  ])('that %s is one clear error', async (_, user, reason, hint) => {
    const server = await serve(() => version);
    const withSecret = { exec: { ...user.exec, env: [{ name: 'SECRET', value: TOKEN }] } };
    const { cluster } = await clusterAt(server.url, { user: withSecret });
    const error = await failureOf(cluster.version());
    expect([error.code, error.exit]).toEqual(['E_CLUSTER_UNAUTHORIZED', 3]);
    expect(error.message).toContain(reason);
    expect(error.hint).toContain(hint);
    expect(`${error.message}${error.hint}${error.stack}${JSON.stringify(error.cause)}`).not.toContain(TOKEN);
    expect(server.asked).toEqual([]);
  });
});
