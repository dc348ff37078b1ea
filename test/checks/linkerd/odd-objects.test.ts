/** Objects of any shape may be in a cluster: definitions are loose, and others write to them. */
import { expect, it } from 'vitest';
import { runChecks } from '../../../src/checks/runner.ts';
import { checks } from '../../../src/mesh/linkerd/checks/index.ts';
import type { CheckMode, Facts } from '../../../src/model/check.ts';
import type { Resource } from '../../../src/model/resource.ts';
import { LINK_KINDS, linked, viz } from './extension-objects.ts';
import { meshFacts } from './mesh.ts';

const ODD: readonly unknown[] = [null, 7, '', 'x', true, [], {}, [null], [[]], { x: null }, '\u0000', -1, 1e300];

function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

/** A copy in which some values are others. */
function distort(value: unknown, random: () => number, chance: number): unknown {
  if (random() < chance) return ODD[Math.floor(random() * ODD.length)];
  if (Array.isArray(value)) return value.map((item) => distort(item, random, chance));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, distort(item, random, chance)]));
}

function distorted(mode: CheckMode, seed: number): Facts {
  const random = randomFrom(seed);
  const facts = meshFacts({ with: `${viz}---${linked}`, served: LINK_KINDS, mode });
  const body = (resource: Resource): Resource => ({
    ...resource,
    body: { ...(distort({ ...resource.body, metadata: {} }, random, 0.05) as Resource['body']), metadata: resource.body['metadata'] },
  });
  const seen = new Map<Resource, Resource>();
  const change = (resource: Resource): Resource => {
    const known = seen.get(resource) ?? body(resource);
    seen.set(resource, known);
    return known;
  };
  const answer = String(distort('up 1', random, 0.5));
  return {
    ...facts,
    list: async (kind, options) => (await facts.list(kind, options)).map(change),
    scoped: async (kind) => (await facts.scoped(kind)).map(change),
    get: async (ref) => {
      const found = await facts.get(ref);
      return found && change(found);
    },
    ask: async () => ({ status: random() < 0.8 ? 200 : 500, body: random() < 0.5 ? answer : '{"data":{"result":[null,{"metric":7}]}}' }),
  };
}

it('no check fails over objects of odd shapes, whatever it says of them', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    for (const mode of ['proxy', 'pre'] as const) {
      const asked = checks.filter(({ modes = ['running', 'proxy'] }) => modes.includes(mode));
      const outcomes = await runChecks(asked, distorted(mode, seed), { clock: { now: () => 0 } });
      for (const { check, result } of outcomes) {
        if (result.is !== 'ok') expect(result.reason, check.id).toMatch(/\S.*\.$/s);
        for (const text of [result.reason, result.hint, ...(result.affected ?? []).map(({ detail }) => detail)]) {
          expect(text ?? '', check.id).not.toMatch(/undefined|NaN|\[object/);
        }
      }
    }
  }
}, 30_000);
