/** `.helmignore`: which files of a folder are no part of the chart. @see https://helm.sh/docs/chart_template_guide/helm_ignore_file/ */
import { MeshctlError } from '../errors.ts';
import { shellPattern } from '../text/shell-pattern.ts';

/** @param path in the chart, with slashes */
export type Ignores = (path: string, isFolder: boolean) => boolean;

interface Rule {
  readonly negated: boolean;
  readonly foldersOnly: boolean;
  matches(path: string): boolean;
}

/** Hidden files among the templates are those of editors. */
const ALWAYS = 'templates/.?*';

/**
 * @param where how messages name the file
 * @throws MeshctlError E_CHART for patterns that cannot be read
 */
export function readIgnore(text: string, where: string): Ignores {
  const lines = [...text.replace(/^\ufeff/, '').split('\n'), ALWAYS].map((line) => line.trim());
  const rules = lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => ruleOf(line, where));
  return (path, isFolder) => {
    for (const { negated, foldersOnly, matches } of rules) {
      // A negated rule ignores whatever it does not match; this is how Helm reads it, unlike git.
      if (negated) {
        if ((foldersOnly && !isFolder) || !matches(path)) return true;
      } else if (!(foldersOnly && !isFolder) && matches(path)) return true;
    }
    return false;
  };
}

function ruleOf(line: string, where: string): Rule {
  const negated = line.startsWith('!');
  const rest = negated ? line.slice(1) : line;
  const pattern = rest.replace(/\/$/, '');
  const matches = shellPattern(pattern.replace(/^\//, ''));
  if (!matches || line.includes('**')) {
    throw new MeshctlError('E_CHART', `"${line}" in ${where} is no pattern that Helm reads.`, {
      hint: line.includes('**') ? '"**" is not known there; "*" stops at slashes.' : undefined,
    });
  }
  const inPath = pattern.includes('/');
  return { negated, foldersOnly: rest.endsWith('/'), matches: (path) => matches(inPath ? path : path.slice(path.lastIndexOf('/') + 1)) };
}
