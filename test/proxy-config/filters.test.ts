import { describe, expect, it } from 'vitest';
import { keepsOf } from '../../src/commands/proxy-config.filters.ts';
import type { RouteRow } from '../../src/model/proxy-config.ts';

const route = (kind: RouteRow['path']['kind'], value: string): RouteRow => ({
  ...{ name: '80', virtualHost: 'shop', domains: ['shop'], match: value, path: { kind, value }, methods: [], destinations: [], extras: [] },
  state: 'active',
});

describe('a request for a path could take a route', () => {
  it.each([
    ['prefix', '/api', '/api/v1', true],
    ['prefix', '/api/', '/api', true],
    ['prefix', '/api', '/other', false],
    ['exact', '/api', '/api', true],
    ['exact', '/api', '/api/', false],
    ['regex', '/v[0-9]+', '/v12', true],
    ['regex', '/v[0-9]+', '/v12/x', false],
    // RE2 has flags in the expression and names of groups in its own way.
    ['regex', '(?i)/API', '/api', true],
    ['regex', '/(?P<name>[a-z]+)', '/web', true],
    ['regex', '/(?P<name>[a-z]+)', '/12', false],
    // What this library does not read might fit.
    ['regex', '/(?<=x)y', '/anything', true],
    ['template', '/a/*/b', '/a/x/b', true],
    ['template', '/a/*/b', '/a/x/y/b', false],
    ['template', '/a/**', '/a/x/y', true],
    ['template', '/a/{id}.json', '/a/7.json', true],
    ['template', '/a/{id}.json', '/a/7xjson', false],
    ['template', '/{all=**}', '/a/b', true],
    ['any', '/', '/x', true],
  ] as const)('%s %s of %s: %s', (kind, value, path, could) => {
    expect(keepsOf({ path }).route(route(kind, value))).toBe(could);
  });

  it('takes no longer than the path is long', () => {
    expect(keepsOf({ path: `/${'a'.repeat(5000)}` }).route(route('regex', '/(a+)+b'))).toBe(false);
  });
});
