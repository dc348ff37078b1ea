import { describe, expect, it } from 'vitest';
import { runRules, type SelectedRule } from '../../src/analysis/engine.ts';
import { resourceSet } from '../../src/model/resource-set.ts';
import type { Problem, Rule } from '../../src/model/rule.ts';
import { resourcesFrom, setFrom } from '../builders.ts';
import { rule } from './rules.ts';

const PODS = 'apiVersion: v1\nkind: Pod\nmetadata: {name: b}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: a}\n';

const selected = (...rules: readonly Rule[]): readonly SelectedRule[] =>
  rules.map((entry) => ({ rule: entry, severity: entry.meta.severity }));

const onEachPod = (problem: Partial<Problem> = {}): Rule =>
  rule('x/y', {}, (set) => set.all('core/Pod').map((at) => ({ at, message: 'It is wrong.', path: ['metadata', 'name'], ...problem })));

describe('runRules', () => {
  it('gives findings positions, severity and documentation, in the order of the input', () => {
    const { findings } = runRules([{ rule: onEachPod(), severity: 'info' }], setFrom(PODS));
    expect(findings.map((found) => [found.position?.line, found.position?.column, found.severity, found.docs])).toEqual([
      [3, 18, 'info', 'https://example.com'],
      [7, 18, 'info', 'https://example.com'],
    ]);
  });

  it('reports the same problem at the same place once', () => {
    const twice = rule('x/y', {}, (set) =>
      set.all('core/Pod').flatMap((at) => [
        { at, message: 'Same.' },
        { at, message: 'Same.' },
      ]),
    );
    expect(runRules(selected(twice), setFrom(PODS)).findings).toHaveLength(2);
  });

  it('has edits for objects of files only', () => {
    const edits = [{ is: 'remove', path: ['spec'] }] as const;
    const live = resourcesFrom(PODS).map(({ origin: _, ...resource }) => resource);
    expect(runRules(selected(onEachPod({ edits })), setFrom(PODS)).findings.map((found) => found.edits)).toEqual([edits, edits]);
    expect(runRules(selected(onEachPod({ edits })), resourceSet(live)).findings.map((found) => found.edits)).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('leaves out what concerns nobody, and what was assumed', () => {
    const concerns = runRules(selected(onEachPod()), setFrom(PODS), (resource) => resource.name === 'a');
    expect(concerns.findings.map((found) => found.resource.name)).toEqual(['a']);
    const assumed = resourcesFrom(PODS).map((resource) => ({ ...resource, assumed: true }));
    expect(runRules(selected(onEachPod()), resourceSet(assumed)).findings).toEqual([]);
  });

  describe('leaves open what a placeholder will be filled in with', () => {
    const judged = (yaml: string, problem: Partial<Problem> = {}) => {
      const { findings, notChecked } = runRules(selected(onEachPod(problem)), setFrom(yaml));
      return { found: findings.map(({ resource }) => resource.name), open: notChecked.map(({ reason }) => reason.split('"')[1]) };
    };
    const pod = (name: string, more = '{}') => `apiVersion: v1\nkind: Pod\nmetadata: {name: '${name}'}\nspec: ${more}\n---\n`;
    const slot = (name: string) => `$\u007b${name}}`;

    it.each([slot('TIER'), '$(TIER)', '{{ .Values.tier }}', '{{- $tier | quote -}}'])('in the value: %s', (placeholder) => {
      expect(judged(pod(`app-${placeholder}`) + pod('b'))).toEqual({ found: ['b'], open: [placeholder] });
    });

    it.each(['a$(b', '{*}', '/a/{{*}}', '$HOME', '{b}', '$1'])('but takes %s as it is', (name) => {
      expect(judged(pod(name))).toEqual({ found: [name], open: [] });
    });

    it('in a key above the value, and in what the message speaks of', () => {
      const spec = `{ '${slot('key')}': { a: 1 } }`;
      expect(judged(pod('b', spec), { path: ['spec', slot('key'), 'a'] })).toEqual({ found: [], open: [slot('key')] });
      expect(judged(pod('b'), { message: `There is no gateway "${slot('ns')}/edge".` })).toEqual({ found: [], open: [slot('ns')] });
    });

    it('but not in a value when the key is meant, nor in the name of the object itself', () => {
      const name = slot('name');
      expect(judged(pod('b', `{ a: '${name}' }`), { path: ['spec', 'a'], part: 'key' })).toEqual({ found: ['b'], open: [] });
      expect(judged(pod(name), { path: ['spec'], message: `Pod "${name}" is wrong.` })).toEqual({ found: [name], open: [] });
    });
  });

  it('says that it did not check when nothing of the absent kind is known', () => {
    const absent = onEachPod({ absent: ['core/Secret', 'core/ConfigMap'] });
    const { findings, notChecked } = runRules(selected(absent), setFrom(PODS, { complete: false }));
    expect(findings).toEqual([]);
    expect(notChecked).toEqual([{ rule: 'x/y', reason: expect.stringContaining('no Secret or ConfigMap') }]);
  });

  it.each([
    ['the input is whole', PODS, true],
    ['some object of the kind is there', `${PODS}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n`, false],
  ])('reports what is absent when %s', (_, yaml, complete) => {
    const absent = onEachPod({ absent: ['core/Secret', 'core/ConfigMap'] });
    expect(runRules(selected(absent), setFrom(yaml, { complete })).findings).toHaveLength(2);
  });

  it('does not take an assumed object for evidence', () => {
    const assumed = resourcesFrom('apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n').map((resource) => ({
      ...resource,
      assumed: true,
    }));
    const set = resourceSet([...resourcesFrom(PODS), ...assumed]);
    expect(runRules(selected(onEachPod({ absent: 'core/Secret' })), set).notChecked).toHaveLength(1);
  });
});
