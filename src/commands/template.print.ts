/** Manifests as "helm template" prints them, byte for byte, and as files. */
import { MeshctlError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { splitManifests } from '../install/manifests.ts';
import { shellPattern } from '../text/shell-pattern.ts';

export interface Document {
  /** `chart/templates/service.yaml`. */
  readonly source: string;
  readonly text: string;
}

const printed = ({ source, text }: Document): string => `---\n# Source: ${source}\n${text}\n`;

export const joined = (manifests: readonly Document[], hooks: readonly Document[]): string =>
  `${manifests.map(printed).join('').trim()}\n${hooks.map(printed).join('')}`;

/**
 * @param text as `joined` made it
 * @param patterns of paths in the chart
 * @throws MeshctlError E_USAGE for one that no template fits
 */
export function onlyShown(text: string, patterns: readonly string[]): string {
  const documents = splitManifests(text).map((each) => ({ path: /# Source: [^/]+\/(.+)/.exec(each)?.[1] ?? '', text: each }));
  const shown = patterns.flatMap((pattern) => {
    const matches = shellPattern(pattern);
    const found = documents.filter(({ path }) => path !== '' && matches?.(path));
    if (found.length > 0) return found;
    throw new MeshctlError('E_USAGE', `--show-only "${pattern}" fits no template that gives something.`, {
      hint: 'Name templates by their path in the chart, such as templates/service.yaml.',
    });
  });
  return shown.map((each) => `---\n${each.text}\n`).join('');
}

/**
 * @returns the names of the files, one a line
 * @throws MeshctlError E_OUTPUT
 */
export async function writeDocuments(documents: readonly Document[], folder: string, host: Host): Promise<string> {
  const files = new Map<string, string>();
  for (const document of documents) {
    // The name of a chart is what its author wrote.
    if (document.source.split(/[/\\]/).includes('..') || /^[/\\]/.test(document.source)) {
      throw new MeshctlError('E_OUTPUT', `"${document.source}" would be written outside "${folder}".`);
    }
    const path = `${folder.replace(/\/$/, '')}/${document.source}`;
    files.set(path, `${files.get(path) ?? ''}${printed(document)}`);
  }
  for (const [path, text] of files) {
    await host.files.save(path, text).catch((error: unknown) => {
      throw new MeshctlError(
        'E_OUTPUT',
        `"${path}" cannot be written (${(error as { readonly code?: string }).code ?? 'unknown reason'}).`,
        { cause: error },
      );
    });
  }
  return [...files.keys()].map((path) => `${path}\n`).join('');
}
