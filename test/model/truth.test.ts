import { describe, expect, it } from 'vitest';
import type { Condition, Truth } from '../../src/model/authz.ts';
import { allOf, anyOf, conjunction, nearestOf, negated, optionsOf, unmet } from '../../src/model/truth.ts';

const condition = (is: Truth, option = '--x'): Condition => ({ field: 'f', is, because: '', options: [option] });

describe('logic of three values', () => {
  it('is decided by what is known as far as it can be', () => {
    expect([allOf([]), allOf(['yes', 'open']), allOf(['no', 'open'])]).toEqual(['yes', 'open', 'no']);
    expect([anyOf([]), anyOf(['no', 'open']), anyOf(['yes', 'open'])]).toEqual(['no', 'open', 'yes']);
    expect((['yes', 'no', 'open'] as const).map(negated)).toEqual(['no', 'yes', 'open']);
  });

  it('takes the alternative that comes nearest', () => {
    const far = conjunction([condition('no'), condition('no')]);
    const near = conjunction([condition('no'), condition('yes')]);
    const open = conjunction([condition('open', '--a'), condition('yes')]);
    expect(nearestOf([far, near])).toBe(near);
    expect(nearestOf([far, near, open])).toBe(open);
    expect(nearestOf([]).is).toBe('yes');
    expect(unmet(near)).toHaveLength(1);
    expect(optionsOf([...open.conditions, ...far.conditions])).toEqual(['--a']);
  });
});
