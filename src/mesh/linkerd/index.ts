import { itemsAt } from '../../model/body.ts';
import type { MeshAdapter } from '../../model/mesh-adapter.ts';
import { analyzedLinkerd } from './analyzed.ts';
import { checks } from './checks/index.ts';
import { planeVersions } from './control-planes.ts';
import { DESCRIBE_KINDS, describe } from './describe/index.ts';
import { isMeshed } from './describe/workload-section.ts';
import { inject } from './inject/index.ts';
import { decides } from './injection-decision.ts';
import { install } from './install.ts';
import { AUTHZ_KINDS, authorize } from './policy/index.ts';
import { linkerdProxy } from './proxy-config/program.ts';
import { proxies } from './proxy-status.ts';
import { linkerdRates } from './rates.ts';
import { linkerdTap } from './tap.ts';

export const linkerd: MeshAdapter = {
  ...analyzedLinkerd,
  title: 'Linkerd',
  docs: 'https://linkerd.io/2/',
  checks,
  proxyOf: ({ body }) => {
    const containers = [...itemsAt(body, 'spec', 'containers'), ...itemsAt(body, 'spec', 'initContainers')];
    const has = containers.some(({ item }) => item['name'] === 'linkerd-proxy');
    return has ? { kind: 'linkerd', container: 'linkerd-proxy', adminPort: 4191 } : undefined;
  },
  proxies,
  tap: [linkerdTap],
  rates: linkerdRates,
  proxyPrograms: [linkerdProxy],
  describe: { kinds: DESCRIBE_KINDS, tell: describe },
  hasIdentity: (workload, resources) => isMeshed(workload, { resources }),
  authz: { kinds: AUTHZ_KINDS, tell: authorize },
  install,
  decides,
  inject,
  version: async (facts) => {
    const versions = await planeVersions(facts);
    return versions.size === 1 ? [...versions][0] : undefined;
  },
  extensions: {
    prefix: 'linkerd-',
    label: 'linkerd.io/extension',
    covered: ['viz', 'multicluster'],
    docs: 'https://linkerd.io/2/checks/#extensions',
  },
};
