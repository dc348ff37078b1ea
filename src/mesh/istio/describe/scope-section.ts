/** What the proxy gets to know of the mesh. */

import { stringAt } from '../../../model/body.ts';
import type { Section } from '../../../model/describe.ts';
import { count } from '../../../text/words.ts';
import { dataplaneOf } from '../dataplane.ts';
import { SERVICE_ENTRY } from '../kinds.ts';
import { meshConfig } from '../mesh-config.ts';
import { registry } from '../registry.ts';
import { egressListeners, sidecarScopes } from '../sidecar-scope.ts';
import { named, type Scene } from './scene.ts';

export function scopeSection({ workload, isService, isGateway, resources }: Scene): Section {
  const section = { id: 'scope', title: 'What it can reach' };
  if (!workload || isService || isGateway || dataplaneOf(workload, resources) !== 'sidecar') return { ...section, facts: [] };
  const { sidecar, lets } = resources.derive(sidecarScopes).of(workload.namespace, workload.labels);
  const all = resources.derive(registry).entries;
  const known = all.filter(lets);
  const outside = known.filter(({ resource }) => resource.kind === SERVICE_ENTRY);
  const mesh = resources.derive(meshConfig);
  const policy =
    stringAt(sidecar?.body, 'spec', 'outboundTrafficPolicy', 'mode') ?? stringAt(mesh.body, 'outboundTrafficPolicy', 'mode') ?? 'ALLOW_ANY';
  const hosts = sidecar ? egressListeners(sidecar).flatMap((listener) => listener.hosts.map(({ written }) => written)) : [];
  return {
    ...section,
    facts: [
      {
        subject: 'Sidecar',
        value: sidecar
          ? `${sidecar.namespace}/${sidecar.name} lets in ${known.length} of ${count(all.length, 'host')}`
          : `none: it knows all ${count(known.length, 'host')} that are exported to it`,
        from: sidecar ? [named(sidecar)] : [],
        details:
          hosts.length === 0 ? [] : [`hosts ${hosts.slice(0, 8).join(', ')}${hosts.length > 8 ? `, and ${hosts.length - 8} more` : ''}`],
      },
      {
        subject: 'other addresses',
        value: policy === 'REGISTRY_ONLY' ? 'refused (REGISTRY_ONLY)' : 'passed on as they are (ALLOW_ANY)',
        from: sidecar && stringAt(sidecar.body, 'spec', 'outboundTrafficPolicy', 'mode') !== undefined ? [named(sidecar)] : [],
      },
      ...(outside.length === 0
        ? []
        : [
            {
              subject: 'hosts outside',
              value: outside
                .slice(0, 10)
                .map(({ host }) => host)
                .join(', '),
              from: outside.slice(0, 10).map(({ resource }) => named(resource)),
            },
          ]),
    ],
  };
}
