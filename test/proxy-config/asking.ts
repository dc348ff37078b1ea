/** The whole command against a sandbox, with documents checked against their schema. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'vitest';
import { main } from '../../src/cli.ts';
// What the program loads when it is needed is loaded here before the first test, whose time it is not.
import '../../src/cluster/connect.ts';
import '../../src/commands/proxy-config.run.ts';
import { memoryHost } from '../../src/host/memory.ts';
import type { Sandbox } from '../../src/sandbox/server.ts';

const schema = JSON.parse(readFileSync(new URL('../../schemas/output/proxy-config.json', import.meta.url), 'utf8'));
const isValid = new Ajv2020({ allErrors: true, validateFormats: false }).compile(schema);

export interface Said {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

/** @param args behind `proxy-config`; blanks part them */
export async function ask(
  args: string | readonly string[],
  of: Sandbox,
  { columns, now = Date.now() }: { readonly columns?: number; readonly now?: number } = {},
): Promise<Said> {
  const host = memoryHost({
    args: ['proxy-config', ...(typeof args === 'string' ? args.split(' ') : args)],
    files: { '/kube': of.kubeconfig() },
    env: { KUBECONFIG: '/kube' },
    now,
    ...(columns === undefined ? {} : { columns, isTTY: true }),
  });
  const exit = await main(host);
  for (const secret of ['PRIVATE KEY', of.token]) expect(host.stdout() + host.stderr()).not.toContain(secret);
  return { exit, out: host.stdout(), err: host.stderr() };
}

/** The document that a part is, when it is one that fits the schema. */
// biome-ignore lint/suspicious/noExplicitAny: documents of many shapes, checked by their schema.
export async function documentOf(args: string, of: Sandbox): Promise<any> {
  const { exit, out, err } = await ask(`${args} -o json`, of);
  expect([exit, err.startsWith('{')]).toEqual([0, false]);
  const document = JSON.parse(out);
  expect(isValid(document), JSON.stringify(isValid.errors)).toBe(true);
  return document;
}
