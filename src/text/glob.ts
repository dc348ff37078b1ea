/**
 * Glob patterns: `*` is any run of characters but `/`, `**` any run at all, `?` one character.
 * Brackets and braces stand for themselves.
 */

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

function toRegExp(pattern: string): RegExp {
  const body = pattern.replace(/\*\*\/?|\*|\?|[^*?]+/g, (part) => {
    if (part === '**/') return '(?:.*/)?';
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    return part === '?' ? '[^/]' : escaped(part);
  });
  return new RegExp(`^${body}$`);
}

/**
 * Matches file paths as `.gitignore` does: a pattern without a slash matches a name at any depth,
 * and a pattern that matches a directory matches what is in it.
 * @returns a predicate over relative paths with forward slashes
 */
export function pathGlob(pattern: string): (path: string) => boolean {
  const clean = pattern.replace(/^\.\//, '').replace(/\/$/, '');
  const anywhere = clean.includes('/') ? clean.replace(/^\//, '') : `**/${clean}`;
  const whole = toRegExp(anywhere);
  const inside = toRegExp(`${anywhere}/**`);
  return (path) => whole.test(path) || inside.test(path);
}

/**
 * Matches names such as `VirtualService shop/reviews`, where `*` crosses slashes as in istioctl. Not by
 * a regular expression: of a pattern with many stars it would try every way to share out a name.
 */
export function nameGlob(pattern: string): (name: string) => boolean {
  return (name) => {
    let place = 0;
    /** Just behind the last star, and where the part behind it is tried next. */
    let retry: { readonly pattern: number; name: number } | undefined;
    for (let at = 0; at < name.length; ) {
      if (pattern[place] === '*') {
        retry = { pattern: ++place, name: at };
      } else if (place < pattern.length && (pattern[place] === name[at] || (pattern[place] === '?' && name[at] !== '/'))) {
        place++;
        at++;
      } else if (retry) {
        place = retry.pattern;
        at = ++retry.name;
      } else return false;
    }
    return /^\**$/.test(pattern.slice(place));
  };
}
