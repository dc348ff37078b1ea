import { describe, expect, it } from 'vitest';
import { compileLabelSelector, formatLabels, labelSelectorMatches, labelsMatch } from '../../src/model/labels.ts';

const expression = (operator: string, ...values: string[]) => ({ matchExpressions: [{ key: 'app', operator, values }] });

describe('a label selector', () => {
  it.each([
    [undefined, {}, true],
    [{}, { app: 'web' }, true],
    [{ matchLabels: { app: 'web' } }, { app: 'web', tier: 'front' }, true],
    [{ matchLabels: { app: 'web' } }, { app: 'db' }, false],
    [{ matchLabels: { app: 'web' } }, {}, false],
    [expression('In', 'web', 'db'), { app: 'db' }, true],
    [expression('In', 'web'), {}, false],
    [expression('In', ''), {}, false],
    [expression('In', ''), { app: '' }, true],
    [expression('NotIn', 'web'), { app: 'web' }, false],
    [expression('NotIn', 'web'), { app: 'db' }, true],
    [expression('NotIn', 'web'), {}, true],
    [expression('Exists'), { app: '' }, true],
    [expression('Exists'), {}, false],
    [expression('DoesNotExist'), {}, true],
    [expression('DoesNotExist'), { app: 'web' }, false],
    [expression('Contains', 'web'), { app: 'web' }, false],
    [{ matchLabels: { tier: 'front' }, ...expression('Exists') }, { app: 'web' }, false],
    [{ matchLabels: { tier: 'front' }, ...expression('Exists') }, { app: 'web', tier: 'front' }, true],
    ['nonsense', { app: 'web' }, true],
  ])('%j matches %j: %s', (selector, labels, expected) => {
    expect(labelSelectorMatches(selector, labels)).toBe(expected);
    expect(compileLabelSelector(selector)(labels)).toBe(expected);
  });
});

it('labels match when they carry every entry', () => {
  expect(labelsMatch({}, { app: 'web' })).toBe(true);
  expect(labelsMatch({ app: 'web' }, { app: 'web', tier: 'front' })).toBe(true);
  expect(labelsMatch({ app: 'web', tier: 'front' }, { app: 'web' })).toBe(false);
});

it('labels are written sorted', () => {
  expect(formatLabels({ b: '2', a: '1' })).toBe('a=1,b=2');
});
