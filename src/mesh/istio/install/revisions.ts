/**
 * Several control planes beside each other. Each has a release of its own; what is there once per
 * cluster (validation, the tag "default", gateways) follows the first one until the user moves it.
 */
import { MeshctlError } from '../../../errors.ts';
import { stringAt } from '../../../model/body.ts';
import type { InstallRequest, Values } from '../../../model/install.ts';
import { quotedList } from '../../../text/words.ts';

/**
 * @returns undefined for the control plane without a name, which Istio also calls "default"
 * @throws MeshctlError E_INSTALL for a name that cannot be part of the names of Kubernetes objects
 */
export function revisionOf({ revision }: InstallRequest): string | undefined {
  if (revision === undefined || revision === '' || revision === 'default') return undefined;
  // "istio-sidecar-injector-<revision>" and the like must fit a label.
  if (/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/.test(revision)) return revision;
  const proposal = revision.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  throw new MeshctlError('E_INSTALL', `"${revision}" cannot be the name of a revision.`, {
    hint: `Use lower-case letters, digits and "-", 40 at the most, such as "${proposal.replace(/^-|-$/g, '').slice(0, 40)}".`,
  });
}

/** True when the first control plane of a cluster is installed, and it has a name. */
const isFirst = ({ before }: InstallRequest): boolean => before['base'] === undefined;

/** Validation that is for everybody asks one control plane: the first one, until somebody says otherwise. */
export function baseRevision(request: InstallRequest, revision: string | undefined): Values {
  const kept = stringAt(request.before['base'], 'defaultRevision');
  if (kept !== undefined) return { defaultRevision: kept };
  return revision !== undefined && isFirst(request) ? { defaultRevision: revision } : {};
}

/** The tag "default" is what namespaces labelled istio-injection=enabled are injected by, and istioctl makes it too. */
export function istiodRevision(request: InstallRequest, revision: string | undefined): Values {
  if (revision === undefined) return {};
  const kept = request.before['istiod']?.['revisionTags'];
  const tags = kept ?? (isFirst(request) ? ['default'] : undefined);
  return { revision, ...(tags !== undefined && { revisionTags: tags }) };
}

/** A gateway or ztunnel that runs stays with its control plane, so that traffic moves when the user says so. */
export function clientRevision(request: InstallRequest, id: string, revision: string | undefined): Values {
  const before = request.before[id];
  const followed = before === undefined ? revision : stringAt(before, 'revision');
  return followed === undefined || followed === '' ? {} : { revision: followed };
}

/** @param clients ids of the gateways and ztunnels of the plan */
export function revisionNotices(request: InstallRequest, revision: string | undefined, clients: readonly string[]): readonly string[] {
  if (revision === undefined) return [];
  if (isFirst(request)) {
    return [
      `Revision "${revision}" is the first control plane, so that it gets the tag "default": namespaces labelled istio-injection=enabled are injected by it.`,
    ];
  }
  if (request.before['istiod'] !== undefined) return [];
  const staying = clients.filter((id) => request.before[id] !== undefined && request.before[id]?.['revision'] !== revision);
  return [
    `Revision "${revision}" is installed beside the control plane that is there, and no workload moves to it by itself.`,
    `To move a namespace, label it istio.io/rev=${revision}, remove its label istio-injection, and restart its workloads.`,
    ...(staying.length > 0
      ? [
          `${quotedList(staying, staying.length)} ${staying.length === 1 ? 'stays' : 'stay'} with the control plane used so far; ${staying.map((id) => `--set ${id}:revision=${revision}`).join(' ')} moves ${staying.length === 1 ? 'it' : 'them'}.`,
        ]
      : []),
    `When nothing uses the old one any more, run "meshctl upgrade istio --revision ${revision} --set base:defaultRevision=${revision}", then "meshctl uninstall istio --revision OLD", where a control plane without a name is "default".`,
    `After that, --set 'istiod:revisionTags={default}' lets revision "${revision}" inject namespaces labelled istio-injection=enabled.`,
  ];
}
