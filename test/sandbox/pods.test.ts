import { createServer, type Server } from 'node:http';
import { type AddressInfo, createConnection } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { type Api, openSandbox } from './api.ts';

const POD = '/api/v1/namespaces/default/pods/web';

const pod = (containers: readonly string[] = ['web']): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', annotations: { 'sandbox.meshctl.dev/log': 'one\ntwo\nthree\n', 'sandbox.meshctl.dev/log.side': 'side\n' } },
  spec: { containers: containers.map((name) => ({ name, image: `${name}:1` })) },
});

describe('logs', () => {
  it.each([
    ['', 'one\ntwo\nthree\n'],
    ['?tailLines=1', 'three\n'],
    ['?limitBytes=5', 'one\nt'],
    ['?tailLines=0', ''],
  ])('with "%s"', async (query, text) => {
    const { call } = await openSandbox({ objects: [pod()] });
    expect((await call('GET', `${POD}/log${query}`)).body['text']).toBe(text);
  });

  it('need a container where there are several', async () => {
    const { call } = await openSandbox({ objects: [pod(['web', 'side'])] });
    expect((await call('GET', `${POD}/log`)).body['message']).toBe(
      'a container name must be specified for pod web, choose one of: [web side]',
    );
    expect((await call('GET', `${POD}/log?container=side`)).body['text']).toBe('side\n');
    expect((await call('GET', `${POD}/log?container=none`)).code).toBe(400);
  });

  it('end with what was last said, and go on when followed', async () => {
    async function* added(): AsyncGenerator<string> {
      yield 'third\n';
      yield 'fourth\n';
    }
    const live = { text: 'first\nsecond\n', added };
    const { call } = await openSandbox({ objects: [pod()], programs: () => ({ logs: () => live }) });
    expect((await call('GET', `${POD}/log?tailLines=1`)).body['text']).toBe('second\n');
    expect((await call('GET', `${POD}/log?follow=true&tailLines=1`)).body['text']).toBe('second\nthird\nfourth\n');
  });
});

async function openUpstream(): Promise<number> {
  const server: Server = createServer((request, response) => response.end(`you asked for ${request.url}`));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** What each channel has said when the connection ends. */
function forward({ sandbox }: Api, port: number, text: string, protocol = 'v4.channel.k8s.io'): Promise<readonly string[]> {
  const url = `${sandbox.url.replace('http', 'ws')}${POD}/portforward?ports=${port}`;
  const socket = new WebSocket(url, protocol, { headers: { authorization: `Bearer ${sandbox.token}` } });
  const said = ['', ''];
  return new Promise((resolve, reject) => {
    const timeout = setTimeout(() => socket.terminate(), 5000);
    socket.on('open', () => socket.send(Buffer.concat([Buffer.from([0]), Buffer.from(text)])));
    socket.on('message', (message: Buffer) => {
      const channel = message[0] ?? 0;
      said[channel] += message.subarray(1).toString('latin1');
    });
    socket.on('error', reject);
    socket.on('close', () => {
      clearTimeout(timeout);
      resolve(said);
    });
  });
}

describe('port forwards', () => {
  it('reach the port that stands for the pod’s', async () => {
    const upstream = await openUpstream();
    const api = await openSandbox({
      objects: [pod()],
      programs: () => ({ dial: (_pod, port) => (port === 80 ? createConnection(upstream, '127.0.0.1') : undefined) }),
    });
    const [data = '', error] = await forward(api, 80, 'GET /x HTTP/1.1\r\nhost: web\r\nconnection: close\r\n\r\n');
    expect(data.slice(0, 2)).toBe('P\0');
    expect(data).toContain('you asked for /x');
    expect(error).toBe('P\0');
    expect(api.sandbox.requests.get('create pods/portforward')).toBe(1);
  });

  it('say why they fail', async () => {
    const api = await openSandbox({ objects: [pod()] });
    expect((await forward(api, 81, ''))[1]).toContain('connection refused');
    await expect(forward(api, 81, '', 'v9.example.org')).rejects.toThrow('400');
    api.sandbox.store.remove('core/Pod', 'default', 'web');
    await expect(forward(api, 81, '')).rejects.toThrow('404');
  });
});
