/** tap --cleanup: what taps have left in the cluster → shown and asked → removed. */
import { EXIT } from '../errors.ts';
import { friendlyName } from '../model/resource.ts';
import type { Context, Options, Outcome } from './define.ts';
import { textOf } from './define.ts';
import { confirmed } from './install.confirm.ts';
import { leftOver, remove } from './tap.enable.ts';

export async function cleanUp(options: Options, context: Context): Promise<Outcome> {
  const { host } = context;
  const cluster = await context.cluster(options);
  const signal = host.ending();
  const found = await leftOver(cluster, textOf(options, 'namespace'), host.clock.now(), signal);
  if (found.length === 0) return { text: 'Nothing is left over.\n', exit: EXIT.fine };
  const lines = found.map(({ object, isExpired }) => `  ${friendlyName(object)}${isExpired ? '' : ' (a tap may still be using it)'}\n`);
  const isAgreed = options['yes'] === true;
  host.err.write(`Left by taps in the cluster of context "${cluster.context}":\n${lines.join('')}`);
  if (!(await confirmed('Remove them?', isAgreed, context, signal, 'Give --yes to remove them.'))) {
    host.err.write('Nothing was changed.\n');
    return { text: '', exit: EXIT.bad };
  }
  for (const { object } of found) await remove(cluster, object);
  return { text: found.map(({ object }) => `${friendlyName(object)} removed.\n`).join(''), exit: EXIT.fine };
}
