import { describe, expect, it } from 'vitest';
import { inParallel } from '../../src/model/parallel.ts';

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('inParallel', () => {
  it('keeps the order of the items, and the limit', async () => {
    let running = 0;
    let most = 0;
    const doubled = await inParallel([1, 2, 3, 4, 5], 2, async (item) => {
      most = Math.max(most, ++running);
      await tick();
      running--;
      return item * 2;
    });
    expect([doubled, most]).toEqual([[2, 4, 6, 8, 10], 2]);
  });

  it('begins nothing more after a failure', async () => {
    const begun: number[] = [];
    const all = inParallel([1, 2, 3, 4, 5, 6], 2, async (item) => {
      begun.push(item);
      await tick();
      throw new Error(`${item} failed`);
    });
    await expect(all).rejects.toThrow('1 failed');
    await tick();
    expect(begun).toEqual([1, 2]);
  });
});
