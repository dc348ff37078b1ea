/** From which chart Kuma is installed, and with which values. */

import { MeshctlError } from '../../errors.ts';
import { stringAt } from '../../model/body.ts';
import type { Install, InstallRequest, Values } from '../../model/install.ts';
import { chartVersion, choose, componentFrom, type Part, type Recipe, refuseRevision } from '../install/recipe.ts';
import { leftOvers } from './left-overs.ts';

const REPOSITORY = 'https://kumahq.github.io/charts';

const NAMESPACE = 'kuma-system';

const recipe: Recipe = {
  title: 'Kuma',
  defaultProfile: 'standalone',
  profiles: [
    { name: 'standalone', summary: 'One zone by itself.', components: ['kuma'] },
    { name: 'zone', summary: 'A zone of a global control plane; it needs a name and the address of that one.', components: ['kuma'] },
    { name: 'global', summary: 'The control plane that zones connect to. Kuma 3 runs it outside Kubernetes only.', components: ['kuma'] },
  ],
  components: [{ id: 'kuma', summary: 'The control plane, with ingress, egress and the CNI plugin as its values say.' }],
};

const MODES: Readonly<Record<string, Values>> = {
  zone: { controlPlane: { mode: 'zone' } },
  global: { controlPlane: { mode: 'global' } },
};

export const install: Install = {
  leftOvers,
  ...recipe,
  plan: async (request) => {
    refuseRevision(recipe, request);
    const choice = choose(recipe, request);
    const part: Part = {
      chart: { repository: REPOSITORY, name: 'kuma', version: chartVersion(request) },
      release: 'kuma',
      namespace: request.namespace ?? NAMESPACE,
      namespaceLabels: { 'kuma.io/system-namespace': 'true' },
      needs: [],
      values: MODES[choice.profile] ?? {},
    };
    const components = choice.parts.map((chosen) => componentFrom(part, chosen, choice, request));
    if (choice.profile === 'zone') for (const { values } of components) assertJoins(values, request);
    return { components, notices: [] };
  },
};

/** The chart takes a zone without them for one by itself, which then meets no other zone. */
function assertJoins(values: Values, { complete }: InstallRequest): void {
  if (complete === false) return;
  const address = stringAt(values, 'controlPlane', 'kdsGlobalAddress') ?? '';
  if (!/^grpcs?:\/\/./.test(address)) {
    throw new MeshctlError(
      'E_INSTALL',
      address === ''
        ? 'The profile "zone" needs the address of the global control plane.'
        : `"${address}" is not the address of a global control plane.`,
      { hint: 'Add --set controlPlane.kdsGlobalAddress=grpcs://ADDRESS:5685.' },
    );
  }
  if (stringAt(values, 'controlPlane', 'zone')) return;
  throw new MeshctlError('E_INSTALL', 'The profile "zone" needs a name for the zone, which no other zone has.', {
    hint: 'Add --set controlPlane.zone=NAME.',
  });
}
