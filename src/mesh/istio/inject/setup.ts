/** Everything that an injector works with, wherever it came from. */
import type { Body, Resource } from '../../../model/resource.ts';
import type { InjectorConfig } from './config.ts';
import type { MeshSettings } from './mesh-settings.ts';

export interface InjectorSetup {
  readonly config: InjectorConfig;
  /** Of the chart, as far as templates may read them. */
  readonly values: Body;
  readonly mesh: MeshSettings;
  /** Of the control plane; empty for the default one. */
  readonly revision: string;
  /** Of the control plane's process. */
  readonly environment: ReadonlyMap<string, string>;
  /** Whether a pod on that node, or on any when it is empty, gets a sidecar of the native kind. */
  readonly isNative: (node: string) => boolean;
  /** ProxyConfig resources, oldest first. */
  readonly proxyConfigs: readonly Resource[];
  /** Variables of the proxy that the address of the webhook sets, such as the cluster's name. */
  readonly proxyEnvironment: Readonly<Record<string, string>>;
  readonly isOpenShift: boolean;
}
