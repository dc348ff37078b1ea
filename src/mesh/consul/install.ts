/** From which chart Consul is installed, and with which values. */

import type { Install, Values } from '../../model/install.ts';
import { chartVersion, choose, componentFrom, type Part, type Recipe, refuseRevision } from '../install/recipe.ts';
import { leftOvers } from './left-overs.ts';

const REPOSITORY = 'https://helm.releases.hashicorp.com';

const NAMESPACE = 'consul';

const recipe: Recipe = {
  title: 'Consul',
  defaultProfile: 'default',
  profiles: [
    { name: 'default', summary: 'Servers and the injector, with the defaults of the chart.', components: ['consul'] },
    { name: 'quickstart', summary: 'One server, the dashboard, metrics and a Prometheus, to try Consul out.', components: ['consul'] },
    { name: 'secure', summary: 'One server, with TLS, encrypted gossip and access control.', components: ['consul'] },
  ],
  components: [{ id: 'consul', summary: 'Servers, the injector, gateways and everything else that the values turn on.' }],
};

/** Objects are named by the release otherwise, in two ways at once. */
const NAMED: Values = { name: 'consul' };

/** The last two are the presets of consul-k8s. */
const VALUES: Readonly<Record<string, Values>> = {
  default: { global: NAMED, connectInject: { enabled: true } },
  quickstart: {
    global: { ...NAMED, metrics: { enabled: true, enableAgentMetrics: true } },
    connectInject: { enabled: true, metrics: { defaultEnabled: true, defaultEnableMerging: true, enableGatewayMetrics: true } },
    server: { replicas: 1 },
    ui: { enabled: true, service: { enabled: true } },
    prometheus: { enabled: true },
  },
  secure: {
    global: {
      ...NAMED,
      gossipEncryption: { autoGenerate: true },
      tls: { enabled: true, enableAutoEncrypt: true },
      acls: { manageSystemACLs: true },
    },
    server: { replicas: 1 },
    connectInject: { enabled: true },
  },
};

export const install: Install = {
  leftOvers,
  ...recipe,
  plan: async (request) => {
    refuseRevision(recipe, request);
    const choice = choose(recipe, request);
    const part: Part = {
      chart: { repository: REPOSITORY, name: 'consul', version: chartVersion(request) },
      release: 'consul',
      namespace: request.namespace ?? NAMESPACE,
      needs: [],
      values: VALUES[choice.profile] ?? {},
    };
    return { components: choice.parts.map((chosen) => componentFrom(part, chosen, choice, request)), notices: [] };
  },
};
