import { describe, expect, it } from 'vitest';
import { codeFrame } from '../../src/reporters/frame.ts';
import { styleFor } from '../../src/terminal/style.ts';
import { visibleWidth } from '../../src/terminal/width.ts';
import { reportOf, route, service } from './reports.ts';

function framesOf(yaml: string, width?: number): readonly (readonly string[])[] {
  return reportOf(yaml).findings.map((finding) => codeFrame(finding, { style: styleFor(false), width }));
}

/** What the carets stand under, by columns. */
function underlined(frame: readonly string[]): string {
  const [line = '', carets = ''] = frame.slice(-2);
  const from = visibleWidth(carets.slice(0, carets.indexOf('^')));
  const to = visibleWidth(carets);
  let column = 0;
  let text = '';
  for (const { segment } of new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(line)) {
    if (column >= from && column < to) text += segment;
    column += visibleWidth(segment);
  }
  return text;
}

const flow = (before: string, host: string, after = ''): string =>
  `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a, namespace: shop}\nspec: {${before}http: [{route: [{destination: {host: ${host}}}]}]${after}}\n---\n${service('b')}`;

describe('a code frame', () => {
  it('has no line of context above the first line, nor a blank one', () => {
    const json = JSON.stringify({
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: 'a', namespace: 'shop' },
      spec: { http: [{ route: [{ destination: { host: 'reviewz' } }] }] },
    });
    expect(framesOf(json).map((frame) => frame.length)).toEqual([2]);
    expect(framesOf(route('reviewz').replace('        - destination', '\n        - destination')).map((frame) => frame.length)).toEqual([
      2,
    ]);
  });

  it('underlines emoji, accents and wide letters by their columns', () => {
    for (const host of ['reviewz', '"🚀-日本"', '"e\u0301té"', '"👩‍👩‍👧"', '"한글"']) {
      const [frame = []] = framesOf(flow('x: "🚀 日本語 é 👍🏽", ', host));
      expect(underlined(frame)).toBe(host);
    }
  });

  it('is the same for a file with CRLF', () => {
    const yaml = `${route('reviewz')}---\n${service('reviews')}`;
    expect(framesOf(yaml.replaceAll('\n', '\r\n'))).toEqual(framesOf(yaml));
  });

  it('keeps the underline in place behind tabs', () => {
    const [frame = []] = framesOf(flow('x: "\ta\t", ', 'reviewz'));
    expect(underlined(frame)).toBe('reviewz');
    expect(frame.join('')).not.toContain('\t');
  });

  it.each([undefined, 200, 80, 40])('cuts a long line around the caret at width %s', (width) => {
    const filler = 'y'.repeat(5000);
    for (const yaml of [
      flow(`x: ${filler}, `, 'reviewz', `, z: ${filler}`),
      flow('', 'reviewz', `, z: ${filler}`),
      flow(`x: ${'日'.repeat(5001)}, `, 'reviewz'),
    ]) {
      const [frame = []] = framesOf(yaml, width);
      expect(underlined(frame)).toBe('reviewz');
      expect(Math.max(...frame.map(visibleWidth))).toBeLessThanOrEqual(width ?? 200);
      expect(frame.at(-2)).toContain('…');
    }
  });

  it('cuts the underline of what is longer than the room', () => {
    const [frame = []] = framesOf(flow('', 'z'.repeat(500)), 60);
    expect(frame.at(-2)).toMatch(/^ {2}4 \| .*z…$/);
    expect(Math.max(...frame.map((line) => line.length))).toBe(60);
  });

  it('ends the underline of a text of several lines with the first', () => {
    const [frame = []] = framesOf(`${route('\n            "review\n            z" ').replace(/\}$/m, '}')}`);
    expect(underlined(frame)).toBe('"review');
  });

  it('shows control characters and direction overrides instead of obeying them', () => {
    const [frame = []] = framesOf(flow('', '"a\u202eb"'));
    expect(underlined(frame)).toBe('"a\ufffdb"');
  });
});
