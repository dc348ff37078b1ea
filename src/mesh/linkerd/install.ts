/** From which charts Linkerd and its extensions are installed, in which order and with which values. */

import { MeshctlError } from '../../errors.ts';
import { booleanAt } from '../../model/body.ts';
import type { Install, InstallRequest, Values } from '../../model/install.ts';
import { mergeValues } from '../install/merge-values.ts';
import { type Choice, type Chosen, choose, componentFrom, type Part, type Recipe, refuseRevision } from '../install/recipe.ts';
import { type IdentityPlan, identityValues } from './install/identity-values.ts';
import { leftOvers } from './left-overs.ts';

/** Open-source releases are edge releases; stable ones are made by vendors, whose charts are their own. @see https://linkerd.io/releases/ */
const REPOSITORY = 'https://helm.linkerd.io/edge';

const NAMESPACE = 'linkerd';

const CONTROL_PLANE = ['linkerd-crds', 'linkerd-control-plane'];

const recipe: Recipe = {
  title: 'Linkerd',
  defaultProfile: 'default',
  profiles: [
    { name: 'default', summary: 'The control plane with one replica of each part.', components: CONTROL_PLANE },
    {
      name: 'ha',
      summary: 'Three replicas of each part, kept apart and with requests and limits, for production.',
      components: CONTROL_PLANE,
    },
  ],
  components: [
    { id: 'linkerd-crds', summary: 'Definitions (CRDs), of the Gateway API too when asked for.' },
    { id: 'linkerd2-cni', summary: 'The CNI plugin, which takes the place of privileged init containers.' },
    { id: 'linkerd-control-plane', summary: 'The control plane.' },
    { id: 'linkerd-viz', summary: 'The extension for metrics, live requests and the dashboard.' },
    { id: 'linkerd-multicluster', summary: 'The extension that mirrors services of other clusters.' },
  ],
};

export const install: Install = {
  leftOvers,
  ...recipe,
  plan: async (request) => {
    refuseRevision(recipe, request);
    const choice = choose(recipe, request);
    const identity = await identityOf(choice, request);
    const components = choice.parts.map((chosen) => {
      const component = componentFrom(partFor(chosen, choice, request), chosen, choice, request);
      return chosen.kind === 'linkerd-control-plane' ? { ...component, values: mergeValues(component.values, identity.values) } : component;
    });
    return { components, notices: [...identity.notices, ...notices(choice, request)] };
  },
};

async function identityOf(choice: Choice, request: InstallRequest): Promise<IdentityPlan> {
  if (!choice.has('linkerd-control-plane')) return { values: {}, notices: [] };
  const { all, of } = request.values;
  const given = mergeValues(all, of['linkerd-control-plane']);
  const namespace = request.namespaces?.['linkerd-control-plane'] ?? request.namespace ?? NAMESPACE;
  return identityValues(given, request.before['linkerd-control-plane'], namespace, request);
}

/** Of the charts that bring one. */
const HA: Readonly<Partial<Part>> = { valuesFiles: ['values-ha.yaml'] };

function partFor({ kind }: Chosen, choice: Choice, request: InstallRequest): Part {
  const namespace = request.namespace ?? NAMESPACE;
  const version = edgeVersion(request.version);
  const chart = { repository: REPOSITORY, name: kind, version };
  const isMeshed = choice.has('linkerd-control-plane');
  const elsewhere = namespace === NAMESPACE ? {} : { linkerdNamespace: namespace };
  const common = { chart, release: kind, takes: isNoKey, ...(choice.profile === 'ha' && HA) };
  // What the CLI's own manifests label their namespaces with, and charts leave to whoever makes the namespace.
  const podSecurity = { 'pod-security.kubernetes.io/enforce': usesPlugin(choice, request) ? 'restricted' : 'privileged' };
  switch (kind) {
    case 'linkerd-crds':
      return { ...common, valuesFiles: [], namespace, needs: [], values: {} };
    case 'linkerd2-cni':
      return {
        ...common,
        // The plugin has versions of its own.
        chart: { repository: REPOSITORY, name: kind },
        valuesFiles: [],
        namespace: 'linkerd-cni',
        namespaceLabels: {
          'linkerd.io/cni-resource': 'true',
          'config.linkerd.io/admission-webhooks': 'disabled',
          'pod-security.kubernetes.io/enforce': 'privileged',
        },
        needs: [],
        values: {},
      };
    case 'linkerd-control-plane':
      return {
        ...common,
        namespace,
        namespaceLabels: {
          'linkerd.io/is-control-plane': 'true',
          'config.linkerd.io/admission-webhooks': 'disabled',
          'linkerd.io/control-plane-ns': namespace,
          ...podSecurity,
        },
        needs: ['linkerd-crds', 'linkerd2-cni'],
        values: choice.has('linkerd2-cni') ? { cniEnabled: true } : {},
        takes: () => true,
      };
    default:
      return {
        ...common,
        namespace: kind,
        namespaceLabels: { 'linkerd.io/extension': kind.replace(/^linkerd-/, ''), ...podSecurity },
        needs: isMeshed ? ['linkerd-control-plane'] : [],
        values: elsewhere,
      };
  }
}

/** Keys of the control plane belong into no other release. */
const isNoKey = (key: string): boolean => key !== 'identity';

const usesPlugin = (choice: Choice, { values }: InstallRequest): boolean =>
  choice.has('linkerd2-cni') || booleanAt(mergeValues(values.all, values.of['linkerd-control-plane']), 'cniEnabled') === true;

/**
 * Charts of "edge-25.10.7" have the version "2025.10.7".
 * @throws MeshctlError E_INSTALL for versions of the stable channel
 */
function edgeVersion(version: string | undefined): string | undefined {
  const [, year, rest] = /^(?:edge-)?(2\d)(\.\d+\.\d+)$/.exec(version ?? '') ?? [];
  if (year !== undefined && rest !== undefined) return `20${year}${rest}`;
  if (version === undefined || !/^(?:stable-|v?2\.\d)/.test(version)) return version;
  throw new MeshctlError('E_INSTALL', `Linkerd has no charts of its own for "${version}".`, {
    hint: 'The project publishes edge releases, such as --version edge-25.10.7; for charts of a vendor, say where they are with --repo and --chart.',
  });
}

function notices(choice: Choice, { values }: InstallRequest): readonly string[] {
  const said: string[] = [];
  const crds: Values = mergeValues(values.all, values.of['linkerd-crds']);
  if (choice.has('linkerd-crds') && booleanAt(crds, 'installGatewayAPI') === undefined) {
    said.push(
      'Linkerd needs the definitions (CRDs) of the Gateway API. Where the cluster has none, add --set linkerd-crds:installGatewayAPI=true.',
    );
  }
  if (choice.profile === 'ha' && choice.has('linkerd-control-plane')) {
    said.push(
      'With the profile "ha", pods are only made while the injector answers. Label kube-system config.linkerd.io/admission-webhooks=disabled, so that the cluster can start without it.',
    );
  }
  return said;
}
