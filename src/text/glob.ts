/**
 * Glob patterns: `*` is any run of characters but `/`, `**` any run at all, `?` one character.
 * Brackets and braces stand for themselves.
 */

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

function toRegExp(pattern: string, star: string): RegExp {
  const body = pattern.replace(/\*\*\/?|\*|\?|[^*?]+/g, (part) => {
    if (part === '**/') return '(?:.*/)?';
    if (part === '**') return '.*';
    if (part === '*') return star;
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
  const whole = toRegExp(anywhere, '[^/]*');
  const inside = toRegExp(`${anywhere}/**`, '[^/]*');
  return (path) => whole.test(path) || inside.test(path);
}

/** Matches names such as `VirtualService shop/reviews`, where `*` crosses slashes as in istioctl. */
export function nameGlob(pattern: string): (name: string) => boolean {
  const whole = toRegExp(pattern, '.*');
  return (name) => whole.test(name);
}
