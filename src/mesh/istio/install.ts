/** From which charts Istio is installed, in which order and with which values. */

import { MeshctlError } from '../../errors.ts';
import { stringAt } from '../../model/body.ts';
import type { Install, InstallRequest, Values } from '../../model/install.ts';
import { mergeValues } from '../install/merge-values.ts';
import { type Choice, type Chosen, chartVersion, choose, componentFrom, type Part } from '../install/recipe.ts';
import { gatewayValues, isGatewayKey } from './install/gateway-values.ts';
import { leftOvers } from './install/left-overs.ts';
import { convertOperator } from './install/operator.ts';
import { askedOfCharts, recipe } from './install/profiles.ts';
import { baseRevision, clientRevision, istiodRevision, revisionNotices, revisionOf } from './install/revisions.ts';

/** The same charts are also at oci://gcr.io/istio-release/charts. @see https://istio.io/latest/docs/setup/install/helm/ */
const REPOSITORY = 'https://istio-release.storage.googleapis.com/charts';

const NAMESPACE = 'istio-system';

export const install: Install = {
  leftOvers,
  ...recipe,
  plan: async (request) => {
    const choice = choose(recipe, request);
    const revision = revisionOf(request);
    assertRemoteAddress(choice, request);
    const components = choice.parts.map((chosen) => componentFrom(partFor(chosen, choice, request, revision), chosen, choice, request));
    const clients = choice.parts.filter(({ kind }) => CLIENTS.has(kind)).map(({ id }) => id);
    return { components, notices: revisionNotices(request, revision, clients) };
  },
  convert: convertOperator,
};

const GATEWAYS: ReadonlySet<string> = new Set(['istio-ingressgateway', 'istio-egressgateway']);
/** What connects to a control plane of one revision. */
const CLIENTS: ReadonlySet<string> = new Set([...GATEWAYS, 'ztunnel']);

function partFor({ id, kind }: Chosen, choice: Choice, request: InstallRequest, revision: string | undefined): Part {
  const namespace = request.namespace ?? NAMESPACE;
  const chart = (name: string): Part['chart'] => ({ repository: REPOSITORY, name, version: chartVersion(request) });
  const shared = { namespace, values: sharedValues(choice, namespace) };
  const with_ = (...layers: readonly Values[]): Values => mergeValues(shared.values, ...layers);
  if (GATEWAYS.has(kind)) {
    const values = with_(gatewayValues(kind, choice.profile), clientRevision(request, id, revision));
    return { ...shared, chart: chart('gateway'), release: id, needs: ['istiod'], values, takes: isGatewayKey };
  }
  const network = stringAt(mergeValues(request.values.all, request.values.of['istiod']), 'global', 'network');
  // Pods of the node that are privileged are only let into kube-system there.
  const onNode = platformOf(choice, request) === 'openshift' ? 'kube-system' : namespace;
  switch (kind) {
    case 'base':
      return { ...shared, chart: chart('base'), release: 'istio-base', needs: [], values: with_(baseRevision(request, revision)) };
    case 'istiod':
      return {
        ...shared,
        chart: chart('istiod'),
        release: revision === undefined ? 'istiod' : `istiod-${revision}`,
        ...(network && { namespaceLabels: { 'topology.istio.io/network': network } }),
        needs: ['base'],
        values: with_(choice.has('cni') ? { pilot: { cni: { enabled: true } } } : {}, istiodRevision(request, revision)),
      };
    case 'cni':
      return { ...shared, chart: chart('cni'), release: 'istio-cni', namespace: onNode, needs: ['base'] };
    default:
      return {
        ...shared,
        chart: chart('ztunnel'),
        release: id,
        namespace: onNode,
        needs: ['istiod', 'cni'],
        values: with_(clientRevision(request, id, revision)),
      };
  }
}

/** What every chart of Istio reads alike. */
function sharedValues({ profile }: Choice, namespace: string): Values {
  const { ofCharts, platform } = askedOfCharts(profile);
  const global = { ...(platform && { platform }), ...(namespace !== NAMESPACE && { istioNamespace: namespace }) };
  return { ...(ofCharts && { profile: ofCharts }), ...(Object.keys(global).length > 0 && { global }) };
}

/** The user may name it for all charts, in either of the places where charts look. */
function platformOf({ profile }: Choice, { values: { all } }: InstallRequest): string | undefined {
  return stringAt(all, 'platform') ?? stringAt(all, 'global', 'platform') ?? askedOfCharts(profile).platform;
}

function assertRemoteAddress({ profile }: Choice, { values, complete }: InstallRequest): void {
  if (profile !== 'remote' || complete === false) return;
  const given = mergeValues(values.all, values.of['istiod']);
  if (stringAt(given, 'global', 'remotePilotAddress') || stringAt(given, 'istiodRemote', 'injectionURL')) return;
  throw new MeshctlError('E_INSTALL', 'The profile "remote" needs the address of the control plane in the other cluster.', {
    hint: 'Add --set global.remotePilotAddress=ADDRESS, or --set istiodRemote.injectionURL=URL.',
  });
}
