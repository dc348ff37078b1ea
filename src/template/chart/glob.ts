/** Patterns of `.Files.Glob`: `*` and `?` stop at slashes, `**` does not, `{a,b}` is either. @see https://github.com/gobwas/glob */

export function globPattern(pattern: string): RegExp {
  let source = '';
  let depth = 0;
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at] as string;
    if (char === '*') {
      const isDouble = pattern[at + 1] === '*';
      source += isDouble ? '.*' : '[^/]*';
      if (isDouble) at++;
    } else if (char === '?') source += '[^/]';
    else if (char === '{') {
      depth++;
      source += '(?:';
    } else if (char === '}' && depth > 0) {
      depth--;
      source += ')';
    } else if (char === ',' && depth > 0) source += '|';
    else if (char === '[') {
      const end = pattern.indexOf(']', at + 1);
      if (end < 0) source += '\\[';
      else {
        source += `[${pattern
          .slice(at + 1, end)
          .replace(/^!/, '^')
          .replaceAll('\\', '\\\\')}]`;
        at = end;
      }
    } else if (char === '\\' && at + 1 < pattern.length) source += (pattern[++at] as string).replace(/[^\w]/g, '\\$&');
    else source += char.replace(/[^\w]/g, '\\$&');
  }
  // A pattern that cannot be read means everything, as it does for Helm.
  try {
    return new RegExp(`^${source}$`, 's');
  } catch {
    return /^/;
  }
}
