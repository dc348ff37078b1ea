/** Where a chart is said to be: in words → a server and a path. */
import { MeshctlError } from '../errors.ts';
import type { ChartReference } from '../model/install.ts';

/** A chart in a registry. */
export interface Image {
  /** Host, with its port. */
  readonly registry: string;
  /** Path in the registry, with the chart's name. */
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
  /** As messages call it. */
  readonly shown: string;
}

export type ChartSource =
  | ChartReference
  /** A folder or an archive on this machine. */
  | { readonly path: string }
  /** `https://…/chart-1.2.3.tgz`, or `oci://registry/path/name`, perhaps with `:tag` or `@sha256:…`. */
  | { readonly url: string; readonly version?: string | undefined };

export type Place =
  | { readonly is: 'local'; readonly path: string }
  | { readonly is: 'archive'; readonly url: URL }
  | { readonly is: 'repository'; readonly url: URL; readonly name: string; readonly version: string | undefined }
  /** The name is that which the chart must have; undefined: any. */
  | { readonly is: 'image'; readonly image: Image; readonly name: string | undefined; readonly version: string | undefined };

/** @throws MeshctlError E_CHART_SOURCE */
export function placeOf(source: ChartSource): Place {
  if ('path' in source) return { is: 'local', path: source.path };
  const { version } = source;
  if ('url' in source) {
    if (isImage(source.url)) return { is: 'image', image: imageOf(source.url), name: undefined, version };
    return { is: 'archive', url: addressOf(source.url) };
  }
  const { repository, name } = source;
  if (!isImage(repository)) return { is: 'repository', url: addressOf(repository), name, version };
  return { is: 'image', image: imageOf(`${repository.replace(/\/+$/, '')}/${name}`), name, version };
}

export const isImage = (url: string): boolean => url.startsWith('oci://');

const STEP = '[a-z0-9]+(?:(?:\\.|__?|-+)[a-z0-9]+)*';
const IMAGE = new RegExp(
  `^oci://((?:[\\w.-]+|\\[[\\da-fA-F:]+\\])(?::\\d+)?)/(${STEP}(?:/${STEP})*)(?::(\\w[\\w.+-]{0,127}))?(?:@(sha(?:256|512):[0-9a-f]+))?/?$`,
);

/** @throws MeshctlError E_CHART_SOURCE */
export function imageOf(url: string): Image {
  const [, registry = '', repository = '', tag, digest] = IMAGE.exec(url) ?? [];
  if (registry === '') {
    throw new MeshctlError('E_CHART_SOURCE', `"${withoutLogin(url)}" is no address of a chart in a registry.`, {
      hint: 'Write oci://REGISTRY/PATH/NAME, in small letters.',
    });
  }
  return { registry, repository, tag, digest, shown: url };
}

/** @throws MeshctlError E_CHART_SOURCE */
function addressOf(url: string): URL {
  if (URL.canParse(url) && /^https?:/.test(url)) return new URL(url);
  throw new MeshctlError('E_CHART_SOURCE', `"${withoutLogin(url)}" is no address of charts.`, {
    hint: 'Addresses begin with "https://" or "oci://".',
  });
}

const withoutLogin = (url: string): string => url.replace(/\/\/[^/@]*@/, '//');
