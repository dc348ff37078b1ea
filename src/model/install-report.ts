/** What an installation would do, or did, as commands print it. */

export type ObjectAction = 'create' | 'update' | 'unchanged' | 'delete';

export interface ReportedObject {
  readonly action: ObjectAction;
  /** The component that it belongs to. */
  readonly component: string;
  readonly resource: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly namespace?: string | undefined;
    readonly name: string;
  };
  /** Lines that begin with a blank, "+" or "-"; values of Secrets are never in it. */
  readonly diff?: string | undefined;
}

export interface ReportedComponent {
  readonly name: string;
  readonly chart: string;
  readonly version: string;
  readonly release: string;
  readonly namespace: string;
  readonly action: 'install' | 'upgrade' | 'resume' | 'unchanged' | 'uninstall';
  /** Version of the chart that is installed now. */
  readonly from?: string | undefined;
}

export interface InstallReport {
  readonly command: 'install' | 'upgrade' | 'uninstall';
  readonly mesh: string;
  readonly profile?: string | undefined;
  /** Name of the kubeconfig context. */
  readonly context: string;
  /** False for a plan that was only shown. */
  readonly applied: boolean;
  /** In the order in which they are done. */
  readonly components: readonly ReportedComponent[];
  readonly objects: readonly ReportedObject[];
  /** What stays in the cluster although its mesh goes, and why. */
  readonly leftOver: readonly { readonly resource: ReportedObject['resource']; readonly reason: string }[];
  readonly notices: readonly string[];
}
