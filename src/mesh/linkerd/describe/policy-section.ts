/** Who is let in, port by port; `meshctl authz` judges single requests by it. */
import type { Fact, Section } from '../../../model/describe.ts';
import { friendlyName } from '../../../model/resource.ts';
import { named } from '../../describe/common.ts';
import { type Authorization, authorizationsAt, authorizationsOf, authorizationText } from '../policy/authorizations.ts';
import { routesAt } from '../policy/routes.ts';
import { accessPolicyOf, type ServedPort, servedPorts } from '../policy/servers.ts';
import { configuredPolicy, injectedPolicy } from '../policy/settings.ts';
import type { Scene } from './scene.ts';
import { isMeshed } from './workload-section.ts';

export function policySection(scene: Scene): Section {
  const { workload, resources } = scene;
  const section = { id: 'policies', title: 'Policies' };
  if (!workload || !isMeshed(workload, scene)) return { ...section, facts: [] };
  const ports = servedPorts(workload, resources);
  const { policy, source } = configuredPolicy(workload, resources);
  const injected = injectedPolicy(workload);
  const standard = injected ?? policy;
  const covered = ports.every(({ server }) => server);
  return {
    ...section,
    facts: [
      ...(covered && ports.length > 0
        ? []
        : [
            {
              subject: 'ports without a Server',
              value: `${standard}, by ${injected === undefined ? source : 'what it was injected with'}`,
              from: [],
            },
          ]),
      ...ports.flatMap((port) => serverFacts(port, scene)),
    ],
  };
}

function serverFacts({ port, server, ignored }: ServedPort, { resources }: Scene): readonly Fact[] {
  if (!server) return [];
  const own = authorizationsAt(server, resources);
  const routes = routesAt(server, resources);
  return [
    {
      subject: friendlyName(server),
      value: `port ${port}: ${accessPolicyOf(server) === 'deny' ? 'denies what nothing authorizes' : `access policy ${accessPolicyOf(server)}`}`,
      from: [named(server), ...own.flatMap(({ policy }) => (policy ? [named(policy)] : []))],
      details: [
        ...own.map(authorizationLine),
        ...(own.length === 0 && routes.length === 0 && accessPolicyOf(server) === 'deny'
          ? ['nothing authorizes anybody: every request is denied']
          : []),
        ...routes.flatMap((route) => {
          const ofRoute = authorizationsOf(route, resources);
          return [
            `${friendlyName(route)}: ${ofRoute.length === 0 ? (own.length === 0 ? 'nobody is authorized' : 'as the Server has it') : ofRoute.map(authorizationText).join('; ')}`,
          ];
        }),
        ...ignored.map((each) => `${friendlyName(each)} is ignored, as this one is older`),
      ],
    },
  ];
}

const authorizationLine = (authorization: Authorization): string => {
  const name = authorization.policy ? friendlyName(authorization.policy) : 'by default';
  return `${name}: ${authorization.ignored === undefined ? authorizationText(authorization) : `ignored, as ${authorization.ignored}`}`;
};
