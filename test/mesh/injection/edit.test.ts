import { describe, expect, it } from 'vitest';
import { overlay, withValue } from '../../../src/mesh/injection/edit.ts';
import { withMarks, withoutMarks } from '../../../src/mesh/injection/marks.ts';
import { settingsAt } from '../../../src/mesh/injection/settings.ts';

describe('withValue', () => {
  it('keeps what stands beside the path', () => {
    const object = { spec: { containers: [{ name: 'web' }, { name: 'log' }] }, status: {} };
    const after = withValue(object, ['spec', 'containers', 1, 'image'], 'log:2');
    expect(after).toEqual({ spec: { containers: [{ name: 'web' }, { name: 'log', image: 'log:2' }] }, status: {} });
    expect(after['status']).toBe(object.status);
    expect(object.spec.containers[1]).toEqual({ name: 'log' });
  });

  it('makes what is missing, and nothing in order to remove', () => {
    expect(withValue({}, ['metadata', 'labels', 'app'], 'web')).toEqual({ metadata: { labels: { app: 'web' } } });
    const object = { spec: {} };
    expect(withValue(object, ['metadata', 'labels'], undefined)).toBe(object);
  });
});

describe('overlay', () => {
  it('lays mappings over mappings, and null takes away', () => {
    expect(overlay({ a: { b: 1, c: [1, 2] }, d: 1 }, { a: { c: [3] }, d: null })).toEqual({ a: { b: 1, c: [3] } });
  });
});

describe('withMarks', () => {
  it('leaves nothing behind that it made', () => {
    const template = { spec: { template: { spec: {} } } };
    const marked = withMarks(template, ['spec', 'template'], 'annotations', { key: 'on' });
    expect(marked).toEqual({ spec: { template: { metadata: { annotations: { key: 'on' } }, spec: {} } } });
    expect(withoutMarks(marked, ['spec', 'template'], 'annotations', (key) => key === 'key')).toEqual(template);
  });

  it('gives the same object back where nothing changes', () => {
    const object = { metadata: { labels: { app: 'web' } } };
    expect(withMarks(object, [], 'labels', { app: 'web', gone: null })).toBe(object);
  });
});

describe('settingsAt', () => {
  it('takes what is no flag for a path, and types it as --set does', () => {
    const values = settingsAt(
      { 'a.b': '3', 'a.c\\.d': 'true', 'skip-ports': '80', e: undefined, 'a.f': 'null' },
      { 'skip-ports': ['skip'] },
    );
    expect(values).toEqual({ a: { b: 3, 'c.d': true, f: null }, skip: '80' });
  });
});
