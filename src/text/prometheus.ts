/** Metrics in the text form of Prometheus. */
import { expression } from './re2.ts';

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/**
 * Samples whose name is wanted, in the order of the text. Lines that are none are passed over.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
export function readSamples(text: string, isWanted: (name: string) => boolean): readonly Sample[] {
  return text.split('\n').flatMap((line) => {
    const [, name = '', labels = '', value = ''] = LINE.exec(line) ?? [];
    if (name === '' || !isWanted(name)) return [];
    return [{ name, labels: readLabels(labels), value: readNumber(value) }];
  });
}

function readLabels(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...text.matchAll(LABEL)].map(([, key = '', value = '']) => [key, value.replace(/\\(.)/g, (_, char) => (char === 'n' ? '\n' : char))]),
  );
}

const readNumber = (text: string): number => (/^[+-]?Inf$/.test(text) ? Number(text.replace('Inf', 'Infinity')) : Number(text));

/**
 * The text with the samples whose name and labels hold what the expression describes, each below what is said of its metric.
 * @param filter RE2; everything is kept without one
 * @throws NoExpression
 */
export function metricsText(text: string, filter: string | undefined): string {
  if (filter === undefined) return text;
  const { isIn } = expression(filter);
  let comments: string[] = [];
  let isAfterSample = false;
  const kept: string[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('#')) {
      comments = isAfterSample ? [line] : [...comments, line];
      isAfterSample = false;
    } else if (line !== '') {
      isAfterSample = true;
      if (!isIn(line.slice(0, line.lastIndexOf(' ')))) continue;
      kept.push(...comments, line);
      comments = [];
    }
  }
  return kept.length === 0 ? '' : `${kept.join('\n')}\n`;
}

/** The same samples for machines. */
export const metricsValue = (text: string, filter: string | undefined): readonly Sample[] =>
  readSamples(metricsText(text, filter), () => true);
