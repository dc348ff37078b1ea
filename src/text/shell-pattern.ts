/** Patterns of Go's `path.Match`: `*` and `?` stop at slashes, `[a-z]` and `[^a-z]` are classes, `\` takes what follows as it is. */

/** @returns undefined for what is no pattern, such as a class without an end */
export function shellPattern(pattern: string): ((path: string) => boolean) | undefined {
  const tokens = pattern.match(TOKEN) ?? [];
  if (tokens.join('') !== pattern) return undefined;
  try {
    const expression = new RegExp(`^${tokens.map(sourceOf).join('')}$`, 'su');
    return (path) => expression.test(path);
  } catch {
    return undefined;
  }
}

const TOKEN = /\[\^?(?:\\.|[^\]\\])+\]|\\.|[^[\\]/gsu;

function sourceOf(token: string): string {
  if (token === '*') return '[^/]*';
  if (token === '?') return '[^/]';
  if (token.length > 1 && token.startsWith('[')) {
    const negated = token.startsWith('[^');
    const inside = token
      .slice(negated ? 2 : 1, -1)
      .replace(/\\(.)|([^-\w])/gsu, (_, taken?: string, odd?: string) => literal(taken ?? odd ?? ''));
    return negated ? `(?!/)[^${inside}]` : `[${inside}]`;
  }
  return literal(token.replace(/^\\(?=.)/s, ''));
}

const literal = (char: string): string => (/^\w$/.test(char) ? char : `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
