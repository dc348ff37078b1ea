/** However a dump is shuffled and spelled, it says the same; whatever is changed in it is found. */
import { describe, expect, it } from 'vitest';
import { compareDumps } from '../../src/envoy/compare/dumps.ts';
import { isBody } from '../../src/model/body.ts';
import { bookinfo } from '../../src/sandbox/scenarios/bookinfo.ts';
import { openMesh } from '../sandbox/istio/mesh.ts';

/** @see https://en.wikipedia.org/wiki/Linear_congruential_generator */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

type Random = ReturnType<typeof randomFrom>;

function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  const left = [...items];
  return items.map(() => left.splice(random(left.length), 1)[0] as T);
}

/** Lists of the sandbox's dumps whose order means nothing, besides those of the dump itself. */
const ORDERLESS =
  /^(?:domains|virtual_hosts|endpoints|lb_endpoints|server_names|principals|permissions|ids|rules|thresholds|clusters|\w+_configs|dynamic_\w+)$/;
/** Keys below are data. */
const DATA = /^(?:filter_metadata|policies)$/;

function rewritten(value: unknown, random: Random, key = '', isData = false): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => rewritten(item, random, key, isData));
    return !isData && ORDERLESS.test(key) ? shuffled(items, random) : items;
  }
  if (typeof value === 'string' && !isData) return /^\d+s$/.test(value) && random(2) ? value.replace('s', '.000s') : value;
  // Numbers of 64 bits are strings; a field `value` holds a fraction or text.
  if (typeof value === 'number' && !isData && key !== 'value' && random(2)) return String(value);
  if (!isBody(value)) return value;
  const entries = Object.entries(value).map(([name, inner]) => {
    const camel = name.replace(/_([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase());
    const below = isData ? key !== 'policies' : DATA.test(name);
    return [isData || name.startsWith('@') || random(2) ? name : camel, rewritten(inner, random, name, below)];
  });
  return Object.fromEntries(shuffled(entries, random) as [string, unknown][]);
}

/** Changes one value somewhere in what is sent. */
function damaged(dump: unknown, random: Random): { readonly dump: unknown; readonly what: string } {
  const copy = structuredClone(dump);
  const leaves: (readonly [owner: Record<string, unknown>, key: string, path: string])[] = [];
  const visit = (value: unknown, path: string): void => {
    if (Array.isArray(value)) for (const [index, item] of value.entries()) visit(item, `${path}[${index}]`);
    if (!isBody(value)) return;
    for (const [key, inner] of Object.entries(value)) {
      if (typeof inner === 'object') visit(inner, `${path}.${key}`);
      else leaves.push([value as Record<string, unknown>, key, `${path}.${key}`]);
    }
  };
  for (const part of (copy as { configs: readonly object[] }).configs) {
    for (const [list, entries] of Object.entries(part)) {
      if (!/^dynamic_(?:active_clusters|listeners|route_configs)$/.test(list)) continue;
      for (const entry of entries as readonly Record<string, { listener?: unknown }>[]) {
        const resource = entry['cluster'] ?? entry['route_config'] ?? entry['active_state']?.listener;
        visit(resource, list);
      }
    }
  }
  const [owner, key, path] = leaves[random(leaves.length)] ?? [{}, '', ''];
  const old = owner[key];
  owner[key] = typeof old === 'number' ? old + 1 : typeof old === 'boolean' ? !old : `${String(old)}x`;
  return { dump: copy, what: path };
}

describe('a dump', () => {
  it('is the same in every order and spelling, and differs when a value does', async () => {
    const mesh = await openMesh(bookinfo.options());
    const dump = JSON.parse((await mesh.admin('productpage-v1', '/config_dump?include_eds')).body) as object;
    const sendsSecret = (): boolean => true;
    for (let seed = 1; seed <= 25; seed++) {
      const random = randomFrom(seed);
      const other = rewritten(dump, random);
      const same = compareDumps(other, dump, { sendsSecret });
      expect([seed, same.flatMap((each) => each.differences)]).toEqual([seed, []]);
      expect(same.slice(0, 5).map(({ compared }) => compared > 0)).toEqual([true, true, true, true, true]);
      const broken = damaged(dump, random);
      const found = compareDumps(other, broken.dump, { sendsSecret }).flatMap((each) => each.differences);
      expect([broken.what, found.length > 0]).toEqual([broken.what, true]);
    }
  });
});
