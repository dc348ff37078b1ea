/** How many columns of a terminal a text takes. */

const ANSI = /\u001b\[[0-9;]*m/g;
const ASCII = /^[\t\x20-\x7e]*$/;
const ZERO = /^[\p{Mark}\p{Cf}\p{Cc}]/u;
const EMOJI = /\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f|\u20e3/u;
/** Halfwidth forms belong to wide scripts and are narrow all the same. */
const HALFWIDTH = /^[\uff61-\uffdc\uffe8-\uffee]/;
const WIDE = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u;

/** Made when the first text asks for it: that takes tens of milliseconds, and most texts are ASCII. */
const segmenter = ((): (() => Intl.Segmenter) => {
  let made: Intl.Segmenter | undefined;
  return () => {
    made ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
    return made;
  };
})();

export interface Cell {
  /** One character as a reader sees it: a letter with its accents, an emoji with its modifiers. */
  readonly text: string;
  readonly width: number;
  /** Offset in the text, in UTF-16 units. */
  readonly at: number;
}

/** @param text without ANSI sequences; a tab counts as one column */
export function cellsOf(text: string): readonly Cell[] {
  if (ASCII.test(text)) return Array.from(text, (char, at) => ({ text: char, width: 1, at }));
  return Array.from(segmenter().segment(text), ({ segment, index }) => ({ text: segment, width: graphemeWidth(segment), at: index }));
}

function graphemeWidth(grapheme: string): number {
  if (ASCII.test(grapheme)) return grapheme.length;
  if (EMOJI.test(grapheme)) return 2;
  if (ZERO.test(grapheme)) return 0;
  return WIDE.test(grapheme) && !HALFWIDTH.test(grapheme) ? 2 : 1;
}

/** Columns of a text; ANSI colours take none. */
export function visibleWidth(text: string): number {
  const plain = text.includes('\u001b') ? text.replace(ANSI, '') : text;
  if (ASCII.test(plain)) return plain.length;
  return cellsOf(plain).reduce((width, cell) => width + cell.width, 0);
}
