/** What istiod would send to a proxy now: the istiod that the proxy is connected to is asked. */
import { compareDumps } from '../../../envoy/compare/dumps.ts';
import { isSentByIstiod } from '../../../envoy/compare/secrets.ts';
import { EXIT, MeshctlError } from '../../../errors.ts';
import type { Cluster } from '../../../model/cluster.ts';
import type { ProxyOfPod } from '../../../model/mesh-adapter.ts';
import type { IntendedConfiguration } from '../../../model/proxy-difference.ts';
import { compareZtunnel } from './compare-ztunnel.ts';
import { askIstiod, type Connection, connectionOf } from './connection.ts';

export async function intended(proxy: ProxyOfPod, cluster: Cluster): Promise<IntendedConfiguration> {
  const connection = await connectionOf(proxy, cluster);
  const { istiod } = connection;
  const revision = istiod.labels['istio.io/rev'];
  const controlPlane = { namespace: istiod.namespace, name: istiod.name, ...(revision === undefined ? {} : { revision }) };
  if (proxy.proxy === 'ztunnel') {
    // Workloads and policies are the same for every ztunnel; the dump that istiod makes for a single one is empty.
    const known = await json(connection, '/debug/ambientz', cluster);
    return { controlPlane, dumpPath: '/config_dump', compare: (dump) => compareZtunnel(known, dump) };
  }
  const wanted = await json(connection, `/debug/config_dump?proxyID=${encodeURIComponent(connection.id)}&include_eds`, cluster);
  return {
    controlPlane,
    dumpPath: '/config_dump?include_eds',
    compare: (dump) => compareDumps(wanted, dump, { sendsSecret: isSentByIstiod }),
  };
}

async function json({ istiod }: Connection, path: string, cluster: Cluster): Promise<unknown> {
  const { status, body } = await askIstiod(istiod, path, cluster);
  const place = `istiod "${istiod.namespace}/${istiod.name}"`;
  if (status >= 400) {
    throw new MeshctlError(
      'E_CONTROL_PLANE',
      `The ${place} answers ${path.replace(/\?.*/, '')} with ${status}: ${body.trim().slice(0, 200)}`,
      {
        hint: 'The proxy may just have gone to another istiod: ask again. "meshctl proxy-config" shows what the proxy has.',
        exit: EXIT.unreachable,
      },
    );
  }
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new MeshctlError('E_CONTROL_PLANE', `The ${place} answers ${path.replace(/\?.*/, '')} with something else than JSON.`, {
      cause,
      exit: EXIT.unreachable,
    });
  }
}
