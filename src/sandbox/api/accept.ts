/** What form of an answer the client prefers, of those the sandbox has. */
export type Form = 'plain' | 'table' | 'metadata';

interface Range {
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
}

export function rangesOf(accept: string): readonly Range[] {
  return accept.split(',').map((range) => {
    const [type = '', ...rest] = range.split(';').map((part) => part.trim());
    return { type, parameters: Object.fromEntries(rest.map((part) => part.split('=') as [string, string])) };
  });
}

/** @returns undefined when no form of JSON is acceptable */
export function formOf(accept: string | undefined): Form | undefined {
  for (const { type, parameters } of rangesOf(accept || '*/*')) {
    if (type !== 'application/json' && type !== '*/*' && type !== 'application/*') continue;
    const { as } = parameters;
    if (as === 'Table') return 'table';
    if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') return 'metadata';
    if (as === undefined) return 'plain';
  }
  return undefined;
}

/** The version of aggregated discovery that is asked for; undefined for the older documents. */
export function discoveryVersion(accept: string | undefined): 'v2' | 'v2beta1' | undefined {
  for (const { parameters } of rangesOf(accept ?? '')) {
    const { g, v, as } = parameters;
    if (g === 'apidiscovery.k8s.io' && as === 'APIGroupDiscoveryList' && (v === 'v2' || v === 'v2beta1')) return v;
  }
  return undefined;
}
