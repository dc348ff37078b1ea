/** What Consul's injector and proxies need of the rest of Consul: servers, finished jobs, gateways. */
import { itemsAt } from '../../../model/body.ts';
import type { Affected, Check } from '../../../model/check.ts';
import type { Kind, Resource } from '../../../model/resource.ts';
import { count } from '../../../text/words.ts';
import { rolloutOf, rolloutsReady } from '../../checks/rollouts.ts';
import { DEPLOYMENT, needingPlane } from '../../checks/sidecar-mesh.ts';
import { consulMesh, isOfChart } from '../sidecar-mesh.ts';

export const STATEFUL_SET: Kind = 'apps/StatefulSet';
const JOB: Kind = 'batch/Job';

export const isServer = (resource: Resource): boolean => resource.labels['component'] === 'server' && isOfChart(resource);

const serversReady = needingPlane(consulMesh, {
  id: 'consul/servers-ready',
  category: 'control-plane',
  title: 'Every Consul server is ready.',
  why: 'Without a majority of its servers Consul has no leader: nothing is registered, and no proxy gets new configuration.',
  docs: 'https://developer.hashicorp.com/consul/docs/architecture/consensus',
  settles: true,
  reads: [STATEFUL_SET],
  run: async (facts) => {
    const servers = (await facts.list(STATEFUL_SET)).filter(isServer);
    if (servers.length === 0) return { is: 'ok', reason: 'The servers run outside of this cluster.' };
    return rolloutsReady(servers, ({ wanted, ready }) => ready < Math.floor(wanted / 2) + 1);
  },
});

const jobsCompleted = needingPlane(consulMesh, {
  id: 'consul/jobs-completed',
  category: 'control-plane',
  title: 'No job that sets Consul up has failed.',
  why: 'ACLs, certificates, gateway classes or the license are not set up, so that parts of Consul wait for them or are refused.',
  docs: 'https://developer.hashicorp.com/consul/docs/k8s/installation/install',
  settles: true,
  reads: [JOB],
  run: async (facts) => {
    const jobs = (await facts.list(JOB)).filter(isOfChart);
    const affected = jobs
      .filter(({ body }) =>
        itemsAt(body, 'status', 'conditions').some(({ item }) => item['type'] === 'Failed' && item['status'] === 'True'),
      )
      .map((resource): Affected => ({ resource, detail: 'It has failed, and is not tried again.' }));
    const [first] = affected;
    if (!first) return { is: 'ok', reason: jobs.length === 0 ? 'None is kept.' : `${count(jobs.length, 'job')}.` };
    return {
      is: 'failed',
      reason: `${affected.length} of ${count(jobs.length, 'job')} failed.`,
      hint: `Run "kubectl -n ${first.resource.namespace} logs job/${first.resource.name}", mend what it tells, delete the job and upgrade the release.`,
      affected,
    };
  },
});

const GATEWAYS: readonly (string | undefined)[] = ['mesh-gateway', 'ingress-gateway', 'terminating-gateway'];

const isGateway = (resource: Resource): boolean =>
  resource.labels['gateway.consul.hashicorp.com/managed'] === 'true' ||
  (GATEWAYS.includes(resource.labels['component']) && isOfChart(resource));

export const gatewaysReady: Check = needingPlane(consulMesh, {
  id: 'consul/gateways-ready',
  category: 'data-plane',
  title: 'Every gateway of Consul has all its replicas ready.',
  why: 'Traffic into the mesh, out of it, or to other datacenters passes through the gateways.',
  docs: 'https://developer.hashicorp.com/consul/docs/connect/gateways',
  settles: true,
  reads: [DEPLOYMENT],
  run: async (facts) => {
    // One without replicas is switched off on purpose.
    const gateways = (await facts.scoped(DEPLOYMENT)).filter((each) => isGateway(each) && rolloutOf(each).wanted > 0);
    return gateways.length === 0 ? { is: 'ok', reason: 'There is no gateway.' } : rolloutsReady(gateways);
  },
});

export const serverChecks: readonly Check[] = [serversReady, jobsCompleted];
