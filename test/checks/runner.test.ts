import { describe, expect, it } from 'vitest';
import { allChecks } from '../../src/checks/all.ts';
import { runChecks } from '../../src/checks/runner.ts';
import { EXIT, MeshctlError } from '../../src/errors.ts';
import { meshes } from '../../src/mesh/index.ts';
import type { Check, CheckResult, Facts } from '../../src/model/check.ts';

const facts = {} as Facts;
const clock = { now: () => 0 };
const check = (id: string, run: Check['run'], needs: readonly string[] = []): Check => ({
  id,
  category: 'test',
  title: 'It is so.',
  why: 'It matters.',
  needs,
  run,
});
const gives = (is: CheckResult['is']) => async (): Promise<CheckResult> => ({ is, ...(is === 'ok' ? {} : { reason: 'Because.' }) });
const failsWith = (code: string) => async (): Promise<CheckResult> => {
  throw new MeshctlError(code, `Said ${code}.`, { hint: 'Do this.', exit: EXIT.unreachable });
};
const results = async (checks: readonly Check[]): Promise<readonly string[]> =>
  (await runChecks(checks, facts, { clock })).map((each) => `${each.check.id} ${each.result.is} ${each.result.reason ?? ''}`.trim());

describe('runChecks', () => {
  it('gives outcomes in the order of the checks, whoever is done first', async () => {
    const slow = check('a', async () => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      return { is: 'ok' };
    });
    expect(await results([slow, check('b', gives('ok'))])).toEqual(['a ok', 'b ok']);
  });

  it('skips what needs a check that failed or was skipped, and says why', async () => {
    const never = async (): Promise<CheckResult> => {
      throw new Error('must not run');
    };
    expect(
      await results([check('a', gives('failed')), check('b', never, ['a']), check('c', never, ['b']), check('d', gives('ok'))]),
    ).toEqual(['a failed Because.', 'b skipped The check "a" failed.', 'c skipped The check "b" was skipped.', 'd ok']);
  });

  it('goes on after a warning, and without a prerequisite that was not chosen', async () => {
    expect(await results([check('a', gives('warning')), check('b', gives('ok'), ['a', 'not-chosen'])])).toEqual([
      'a warning Because.',
      'b ok',
    ]);
  });

  it('never has more checks under way than the limit, and gets all of them done', async () => {
    let running = 0;
    let most = 0;
    const busy = async (): Promise<CheckResult> => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running--;
      return { is: 'ok' };
    };
    const checks = Array.from({ length: 20 }, (_, index) => check(`c${index}`, busy, index > 10 ? ['c1'] : []));
    const outcomes = await runChecks(checks, facts, { clock, limit: 3 });
    expect([most, outcomes.length]).toEqual([3, 20]);
  });

  it('lets a check that may not read be skipped and one that got no answer fail, and no other', async () => {
    expect(
      await results([check('a', failsWith('E_CLUSTER_FORBIDDEN')), check('b', failsWith('E_CLUSTER_TIMEOUT')), check('c', gives('ok'))]),
    ).toEqual(['a skipped Said E_CLUSTER_FORBIDDEN.', 'b failed Said E_CLUSTER_TIMEOUT.', 'c ok']);
  });

  it('ends when the cluster cannot be asked at all, and for a bug in a check', async () => {
    await expect(results([check('a', failsWith('E_CLUSTER_UNREACHABLE')), check('b', gives('ok'))])).rejects.toThrow(
      'E_CLUSTER_UNREACHABLE',
    );
    const bug = check('a', async () => {
      throw new TypeError('oops');
    });
    await expect(results([bug])).rejects.toThrow('oops');
  });

  it('starts nothing once its signal is aborted', async () => {
    const stop = new AbortController();
    const first = check('a', async () => {
      stop.abort(new Error('enough'));
      return { is: 'ok' };
    });
    let ran = false;
    const second = check('b', async () => {
      ran = true;
      return { is: 'ok' };
    }, ['a']);
    await expect(runChecks([first, second], facts, { clock, signal: stop.signal })).rejects.toThrow('enough');
    expect(ran).toBe(false);
  });

  it('measures each check by the clock it is given', async () => {
    let now = 100;
    const slow = check('a', async () => {
      now += 42;
      return { is: 'ok' };
    });
    expect((await runChecks([slow], facts, { clock: { now: () => now } }))[0]?.durationMs).toBe(42);
  });
});

describe('the checks there are', () => {
  const all = allChecks(meshes);

  it('have ids of their own, titles that are sentences, and addresses of documentation', () => {
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    for (const { id, title, why, docs } of all) {
      expect(id).toMatch(/^[a-z]+\/[a-z-]+$/);
      expect(title).toMatch(/^[A-Z].*\.$/);
      expect(why).toMatch(/^(?:[A-Z]|istiod |ztunnel ).*\.$/);
      expect(docs ?? 'https://').toMatch(/^https:\/\//);
    }
  });

  it('stand behind the checks that they need', () => {
    const wrong = all.filter(({ needs = [] }, index) => needs.some((id) => !all.slice(0, index).some((other) => other.id === id)));
    expect(wrong.map(({ id }) => id)).toEqual([]);
  });
});
