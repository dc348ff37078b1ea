import { describe, expect, it } from 'vitest';
import { selectRules } from '../../src/analysis/select.ts';
import type { MeshId } from '../../src/model/rule.ts';
import { rule } from './rules.ts';

const rules = [
  rule('gateway-api/conditions', { aliases: ['IST0171'], analyzers: ['conditions.ConditionAnalyzer'] }),
  rule('istio-routing/host-exists', { aliases: ['IST0101'], meshes: ['istio'] }),
  rule('istio-gateway/selector', { aliases: ['IST0101'], meshes: ['istio'], severity: 'warning' }),
];
const NONE = { only: [], skip: [], severities: {} };
const select = (selection: Partial<Parameters<typeof selectRules>[1]>, inUse: readonly MeshId[] = ['istio']): readonly string[] =>
  selectRules(rules, { ...NONE, ...selection }, new Set(inUse)).map((entry) => `${entry.rule.meta.id}:${entry.severity}`);

describe('selectRules', () => {
  it('takes every rule of the meshes in use, and those of none', () => {
    expect(select({})).toHaveLength(3);
    expect(select({}, ['linkerd'])).toEqual(['gateway-api/conditions:error']);
  });

  it.each([
    ['an id', ['istio-routing/host-exists'], 1],
    ['a code that several rules share, in any case', ['ist0101'], 2],
    ['a glob', ['istio-*'], 2],
    ['an analyzer of istioctl', ['conditions.ConditionAnalyzer'], 1],
    ['several names', ['IST0171', 'istio-gateway/selector'], 2],
  ])('restricts to %s', (_, only, count) => {
    expect(select({ only })).toHaveLength(count);
  });

  it('skips, and sets severities', () => {
    expect(select({ skip: ['IST0101'] })).toEqual(['gateway-api/conditions:error']);
    expect(select({ severities: { IST0101: 'info', IST0171: 'off' } })).toEqual([
      'istio-routing/host-exists:info',
      'istio-gateway/selector:info',
    ]);
  });

  it('runs a rule that is switched off when it is named', () => {
    expect(select({ only: ['IST0171'], severities: { IST0171: 'off' } })).toEqual(['gateway-api/conditions:error']);
  });

  it('runs a rule on request where it is named or given a severity, and lists it', () => {
    const id = 'structure/lasting';
    const chosen = (selection: Partial<Parameters<typeof selectRules>[1]>): readonly string[] =>
      selectRules([rule(id, { isOnRequest: true, severity: 'info' })], { ...NONE, ...selection }, new Set()).map(
        ({ severity }) => severity,
      );
    expect(chosen({})).toEqual([]);
    expect(chosen({ only: [id] })).toEqual(['info']);
    expect(chosen({ severities: { [id]: 'warning' } })).toEqual(['warning']);
    expect(chosen({ isForList: true })).toEqual(['info']);
  });

  it.each([
    [{ only: ['IST0191'] }, 'There is no rule "IST0191".', /Did you mean "IST01\d1"/],
    [{ skip: ['istio-routing/host-exist'] }, 'There is no rule "istio-routing/host-exist".', /Did you mean "istio-routing\/host-exists"/],
    [{ severities: { 'host-exists': 'off' as const } }, 'There is no rule "host-exists".', /Did you mean "istio-routing\/host-exists"/],
    [{ only: ['nothing-like-it/*'] }, 'There is no rule "nothing-like-it/*".', /--list-rules/],
  ])('refuses unknown names', (selection, message, hint) => {
    expect(() => select(selection)).toThrow(expect.objectContaining({ code: 'E_RULE', message, hint: expect.stringMatching(hint) }));
  });
});
