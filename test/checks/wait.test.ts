import { describe, expect, it } from 'vitest';
import { untilSettled } from '../../src/checks/wait.ts';
import type { CheckOutcome, CheckStatus } from '../../src/model/check.ts';

const outcome = (is: CheckStatus, settles: boolean): CheckOutcome => ({
  check: { id: 'a/b', category: 'c', title: 'It is so.', why: 'It matters.', settles, run: async () => ({ is }) },
  result: { is },
  durationMs: 0,
});

function clock(): { now: () => number; sleep: (ms: number) => Promise<void> } {
  let now = 0;
  return {
    now: () => now,
    sleep: async (ms) => {
      now += ms;
    },
  };
}

/** How many rounds there were, and when the last one ended. */
async function rounds(results: readonly CheckOutcome[], until: number): Promise<readonly [number, number]> {
  const time = clock();
  let count = 0;
  await untilSettled(async () => [results[Math.min(count++, results.length - 1)] as CheckOutcome], { clock: time, until });
  return [count, time.now()];
}

describe('untilSettled', () => {
  it('asks once without a time to wait', async () => {
    expect(await rounds([outcome('failed', true)], 0)).toEqual([1, 0]);
  });

  it('asks until what may mend itself has', async () => {
    expect(await rounds([outcome('failed', true), outcome('warning', true), outcome('ok', true)], 60_000)).toEqual([3, 4000]);
  });

  it('does not wait for what time cannot mend', async () => {
    expect(await rounds([outcome('failed', false)], 60_000)).toEqual([1, 0]);
  });

  it('gives the last outcomes when time is over, and asks a last time then', async () => {
    expect(await rounds([outcome('failed', true)], 5000)).toEqual([4, 5000]);
  });
});
