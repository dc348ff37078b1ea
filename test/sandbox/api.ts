/** A sandbox over plain HTTP, asked with fetch. */
import { onTestFinished } from 'vitest';
import type { SandboxOptions } from '../../src/sandbox/options.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';

interface Reply {
  readonly code: number;
  readonly body: Record<string, unknown>;
  readonly headers: Headers;
}

export interface Api {
  readonly sandbox: Sandbox;
  call(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  /** Lines of a watch until `count` have come. */
  watch(path: string, count: number): Promise<readonly { readonly type: string; readonly object: Record<string, unknown> }[]>;
}

/** Ends with the test. */
export async function openSandbox(options: SandboxOptions = {}): Promise<Api> {
  const sandbox = await startSandbox({ tls: false, podStartMs: 20, ...options });
  onTestFinished(() => sandbox.close());
  const authorization = `Bearer ${sandbox.token}`;
  return {
    sandbox,
    call: async (method, path, body, headers = {}) => {
      const response = await fetch(`${sandbox.url}${path}`, {
        method,
        headers: { authorization, 'content-type': 'application/json', 'user-agent': 'tester/1', ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        signal: AbortSignal.timeout(5000),
      });
      const text = await response.text();
      return {
        code: response.status,
        headers: response.headers,
        body: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : { text },
      };
    },
    watch: async (path, count) => {
      const stop = new AbortController();
      const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(5000)]);
      const response = await fetch(`${sandbox.url}${path}`, { headers: { authorization }, signal });
      const found: { type: string; object: Record<string, unknown> }[] = [];
      let rest = '';
      const decoder = new TextDecoder();
      for await (const chunk of response.body ?? []) {
        rest += decoder.decode(chunk as Uint8Array, { stream: true });
        const lines = rest.split('\n');
        rest = lines.pop() ?? '';
        found.push(...lines.map((line) => JSON.parse(line) as (typeof found)[number]));
        if (found.length >= count) break;
      }
      stop.abort();
      return found;
    },
  };
}

export const configMap = (name: string, more: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  ...more,
});

export const deployment = (name: string, replicas = 2, image = 'web:1'): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'default' },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'web', image, ports: [{ containerPort: 80 }] }] } },
  },
});

export const definition = (schema: object, more: object = {}): object => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.org' },
  spec: {
    group: 'example.org',
    scope: 'Namespaced',
    names: { kind: 'Widget', plural: 'widgets', singular: 'widget', shortNames: ['wd'] },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema }, ...more }],
  },
});

export async function until(check: () => boolean | Promise<boolean>, timeoutMs = 5000): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await check())) {
    if (Date.now() > end) throw new Error('The condition did not come true in time.');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
