/** Lines and columns of a text by offsets, as edits of YAML need them. */

export interface SourceLines {
  /** Counted from 0. */
  column(offset: number): number;
  startOf(offset: number): number;
  /** Where the line ends, before its line end. */
  endOf(offset: number): number;
  /** The end of the line above, for the offset at which a line starts; 0 for the first line. */
  endAbove(start: number): number;
  /** The end of the line above the comments that stand right above an offset; not before `least`. */
  aboveComments(offset: number, least: number): number;
}

export function linesIn(source: string): SourceLines {
  const startOf = (offset: number): number => source.lastIndexOf('\n', offset - 1) + 1;
  const endOf = (offset: number): number => {
    const newline = source.indexOf('\n', offset);
    const end = newline < 0 ? source.length : newline;
    return end > offset && source[end - 1] === '\r' ? end - 1 : end;
  };
  const endAbove = (start: number): number => Math.max(0, source[start - 2] === '\r' ? start - 2 : start - 1);
  return {
    startOf,
    endOf,
    endAbove,
    column: (offset) => offset - startOf(offset),
    aboveComments(offset, least) {
      let start = startOf(offset);
      while (start > 0) {
        const above = startOf(start - 1);
        if (above < least || !/^[ \t]*#/.test(source.slice(above, start))) break;
        start = above;
      }
      return endAbove(start);
    },
  };
}
