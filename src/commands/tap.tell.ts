/** What a tap says beside the requests, on standard error. */
import { qualifiedName } from '../model/resource.ts';
import { printableLine } from '../terminal/printable.ts';
import { wrap } from '../terminal/wrap.ts';
import type { Context } from './define.ts';
import type { Tapped } from './tap.pods.ts';

export function tell({ host, quiet }: Context, text: string): void {
  if (!quiet) host.err.write(`${wrap(printableLine(text), host.err.columns, '  ')}\n`);
}

export function opening(tapped: readonly Tapped[]): string {
  const sources = [...new Set(tapped.map(({ source }) => source))];
  return sources
    .map((source) => {
      const pods = tapped.filter((each) => each.source === source).map(({ pod }) => qualifiedName(pod));
      const more = pods.length > 3 ? ` and ${pods.length - 3} more` : '';
      return `Tapping ${pods.slice(0, 3).join(', ')}${more} by ${source.title}. Ctrl-C ends it.`;
    })
    .join(' ');
}
