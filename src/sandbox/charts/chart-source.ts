/** Charts as the sandbox's own source text, before they are packed. */

export interface ChartSource {
  readonly name: string;
  readonly description: string;
  /** Newest first. */
  readonly releases: readonly ChartRelease[];
  /** Texts by their path in the chart, besides Chart.yaml. */
  readonly files: Readonly<Record<string, string>>;
}

export interface ChartRelease {
  readonly version: string;
  /** Of the programs that the chart installs. */
  readonly appVersion: string;
  /** How the pods of this release fare, instead of becoming ready; see `controllers/pods.ts`. */
  readonly fate?: 'ImagePullBackOff' | 'CrashLoopBackOff' | 'NotReady';
}

/** The annotation of a Chart.yaml that its templates put on pods. */
export const FATE_ANNOTATION = 'sandbox.meshctl.dev/fate';
