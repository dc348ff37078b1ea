/** One release of a chart, as Helm keeps it. @see https://helm.sh/docs/topics/advanced/#storage-backends */
import type { Values } from '../model/install.ts';

export type ReleaseStatus =
  | 'deployed'
  | 'failed'
  | 'superseded'
  | 'uninstalled'
  | 'uninstalling'
  | 'pending-install'
  | 'pending-upgrade'
  | 'pending-rollback'
  | 'unknown';

export interface StoredHook {
  readonly name: string;
  readonly kind: string;
  /** The template that it comes from. */
  readonly path: string;
  readonly manifest: string;
  readonly events: readonly string[];
  readonly weight: number;
  readonly deletePolicies: readonly string[];
}

/** The chart as records hold it: enough for Helm to render it again. Bytes are in base64. */
export interface StoredChart {
  readonly metadata: Values;
  readonly templates: readonly { readonly name: string; readonly data: string }[];
  readonly values: Values;
  readonly schema?: string | undefined;
  readonly files: readonly { readonly name: string; readonly data: string }[];
}

export interface Release {
  readonly name: string;
  readonly namespace: string;
  /** Counts from 1. */
  readonly revision: number;
  readonly status: ReleaseStatus;
  /** Times in RFC 3339. */
  readonly firstDeployed: string;
  readonly lastDeployed: string;
  readonly description: string;
  /** When its record was last written, milliseconds since the epoch; undefined for one that was just made. */
  readonly touchedAt?: number | undefined;
  readonly notes: string;
  readonly chart: StoredChart;
  /** What the user gave, without the chart's defaults. */
  readonly values: Values;
  /** Everything but hooks, cut by `---`, each with a `# Source:` line. */
  readonly manifest: string;
  readonly hooks: readonly StoredHook[];
}

export const isPending = ({ status }: Release): boolean => status.startsWith('pending-') || status === 'uninstalling';

export const chartName = ({ chart }: Pick<Release, 'chart'>): string => String(chart.metadata['name'] ?? '');
export const chartVersion = ({ chart }: Pick<Release, 'chart'>): string => String(chart.metadata['version'] ?? '');
