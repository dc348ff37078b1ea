/** A cluster of 20,000 objects: the number of calls. Its memory is measured by the bench. */
import { expect, it, onTestFinished } from 'vitest';
import { main } from '../../src/cli.ts';
import { memoryHost } from '../../src/host/memory.ts';
import { allRules } from '../../src/rules/index.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import { largeMesh } from './large-mesh.ts';

const OBJECTS = 20_000;
const PAGE = 500;
const MOST_AT_ONCE = 8;

it('reads 20,000 objects in as many calls as they have pages, eight at a time', { timeout: 120_000 }, async () => {
  let running = 0;
  let most = 0;
  const sandbox = await startSandbox({
    objects: largeMesh(OBJECTS, 0),
    podStartMs: 0,
    delayMs: () => {
      running++;
      most = Math.max(most, running);
      setTimeout(() => running--, 5);
      return 5;
    },
  });
  onTestFinished(() => sandbox.close());
  const host = memoryHost({
    args: ['analyze', '-A', '-o', 'json'],
    files: { '/kube': sandbox.kubeconfig() },
    env: { KUBECONFIG: '/kube' },
  });
  expect(await main(host)).toBe(1);
  const { summary, notChecked } = JSON.parse(host.stdout());
  expect(notChecked).toEqual([]);
  expect(summary.errors).toBe(29);
  // Of each application's seven objects the ConfigMap stays in the cluster.
  expect(summary.resources).toBeGreaterThan((OBJECTS * 6) / 7);

  const total = [...sandbox.requests.values()].reduce((sum, count) => sum + count, 0);
  const kinds = new Set((await allRules()).flatMap(({ meta }) => meta.inputs)).size;
  const discovery = 2;
  expect(total).toBeLessThanOrEqual(discovery + kinds + OBJECTS / PAGE);
  expect(most).toBeLessThanOrEqual(MOST_AT_ONCE);
});
