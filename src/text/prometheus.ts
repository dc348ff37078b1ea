/** Metrics in the text form of Prometheus. */

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
