/** The embedded cluster as commands see it. */

export interface Sandboxes {
  readonly scenarios: readonly { readonly name: string; readonly summary: string }[];
  /**
   * @param scenario the name of one of `scenarios`
   * @param port on the loopback interface; any free one when absent
   */
  start(scenario: string, port: number | undefined): Promise<RunningSandbox>;
}

export interface RunningSandbox {
  readonly url: string;
  kubeconfig(): string;
  /** Address of a repository with small charts of meshes, made for this cluster. */
  readonly charts: string | undefined;
  close(): Promise<void>;
}
