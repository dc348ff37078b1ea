/** The comparison of one proxy, called as the command calls it. */
import { type ConnectOptions, connect } from '../../src/cluster/connect.ts';
import type { Context, Options } from '../../src/commands/define.ts';
import { diffProxy } from '../../src/commands/proxy-status.diff.ts';
import { MeshctlError } from '../../src/errors.ts';
import { memoryHost } from '../../src/host/memory.ts';
import type { Cluster } from '../../src/model/cluster.ts';
import type { Sandbox } from '../../src/sandbox/server.ts';

export interface Said {
  readonly exit: number;
  readonly text: string;
}

export interface Asking {
  readonly files?: Readonly<Record<string, string>>;
  readonly color?: boolean;
  readonly columns?: number;
}

/** @returns an error as the command line would show it */
export async function diff(of: Sandbox, target: string, options: Options = {}, asking: Asking = {}): Promise<Said> {
  const { files = {}, color = false, columns } = asking;
  const host = memoryHost({ files: { '/kube': of.kubeconfig(), ...files }, ...(columns === undefined ? {} : { columns, isTTY: true }) });
  const clusters: Cluster[] = [];
  const context: Context = {
    ...{ host, color: { out: color, err: false }, commands: [], globals: [], quiet: false, verbose: false },
    cluster: async (given) => {
      const cluster = await connect({ kubeconfig: '/kube', ...given } as ConnectOptions, host);
      clusters.push(cluster);
      return cluster;
    },
    sandboxes: () => Promise.reject(new Error('There are no sandboxes here.')),
  };
  try {
    return await diffProxy(target, options, context);
  } catch (error) {
    if (!(error instanceof MeshctlError)) throw error;
    return { exit: error.exit, text: `${error.message}\n${error.hint ?? ''}\n` };
  } finally {
    await Promise.all(clusters.map((cluster) => cluster.close()));
  }
}
