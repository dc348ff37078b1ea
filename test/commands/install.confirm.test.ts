import { describe, expect, it } from 'vitest';
import type { Context } from '../../src/commands/define.ts';
import { confirmed } from '../../src/commands/install.confirm.ts';
import { type MemoryOptions, memoryHost } from '../../src/host/memory.ts';

const contextOf = (options: MemoryOptions): { readonly host: ReturnType<typeof memoryHost>; readonly context: Context } => {
  const host = memoryHost(options);
  return { host, context: { host } as unknown as Context };
};
const { signal } = new AbortController();

describe('the question before a change', () => {
  it('takes "y" and "yes", and everything else for a no', async () => {
    const answers = ['y', 'YES', ' y ', 'n', '', 'yep'];
    const taken = answers.map((typed) => confirmed('Go on?', false, contextOf({ isTTY: true, typed: [typed] }).context, signal));
    expect(await Promise.all(taken)).toEqual([true, true, true, false, false, false]);
  });

  it('is a no when the input ends', async () => {
    expect(await confirmed('Go on?', false, contextOf({ isTTY: true }).context, signal)).toBe(false);
  });

  it('is not asked when the answer is given beforehand', async () => {
    const { host, context } = contextOf({ isTTY: true });
    expect(await confirmed('Go on?', true, context, signal)).toBe(true);
    expect(host.stderr()).toBe('');
  });

  it('cannot be asked without a terminal on both ends', async () => {
    for (const options of [{ isTTY: false }, { isTTY: true, stdin: 'y\n' }]) {
      await expect(confirmed('Go on?', false, contextOf(options).context, signal)).rejects.toMatchObject({
        code: 'E_CONFIRM',
        exit: 2,
        hint: expect.stringContaining('--yes'),
      });
    }
  });
});
