/** The Secret that a release is kept in: base64 of gzip of JSON, under the names and labels by which Helm finds it. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { MeshctlError } from '../errors.ts';
import { at, itemsAt, listAt, numberAt, objectAt, stringAt } from '../model/body.ts';
import type { Values } from '../model/install.ts';
import type { Body, Kind, Ref, Resource } from '../model/resource.ts';
import type { Release, ReleaseStatus } from './release.ts';

export const SECRET: Kind = 'core/Secret';
const TYPE = 'helm.sh/release.v1';
const PREFIX = 'sh.helm.release.v1.';

/** The API server refuses Secrets of more than a mebibyte. */
const MOST_BYTES = 1_048_576;
/** A record that unpacks to more is no record of a release. */
const MOST_UNPACKED = 256 * 1024 * 1024;

export const recordRef = ({ name, namespace, revision }: Pick<Release, 'name' | 'namespace' | 'revision'>): Ref => ({
  kind: SECRET,
  namespace,
  name: `${PREFIX}${name}.v${revision}`,
});

/** Which Secrets are records of a release, or of all. */
export const recordSelector = (name?: string): string => (name === undefined ? 'owner=helm' : `owner=helm,name=${name}`);

/**
 * @param now milliseconds since the epoch
 * @throws MeshctlError E_RELEASE when it is too large for a Secret
 */
export function recordOf(release: Release, now: number): Body {
  const packed = gzipSync(Buffer.from(JSON.stringify(helmRelease(release))), { level: 9 }).toString('base64');
  if (packed.length > MOST_BYTES - 4096) {
    throw new MeshctlError('E_RELEASE', `The record of release "${release.namespace}/${release.name}" is too large for a Secret.`, {
      hint: 'A chart with less in it, or with fewer files besides its templates, fits.',
    });
  }
  const { name, namespace } = recordRef(release);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: TYPE,
    metadata: {
      name,
      namespace,
      labels: {
        name: release.name,
        owner: 'helm',
        status: release.status,
        version: String(release.revision),
        modifiedAt: String(Math.floor(now / 1000)),
      },
    },
    data: { release: Buffer.from(packed).toString('base64') },
  };
}

/** @returns undefined for what is no record that can be read */
export function releaseFrom(secret: Resource): Release | undefined {
  const text = stringAt(secret.body, 'data', 'release');
  if (stringAt(secret.body, 'type') !== TYPE || text === undefined) return undefined;
  try {
    const inner = Buffer.from(Buffer.from(text, 'base64').toString(), 'base64');
    // Helm 3 and later pack; what is not packed was written by very old ones.
    const json = inner[0] === 0x1f ? gunzipSync(inner, { maxOutputLength: MOST_UNPACKED }) : inner;
    const release = fromHelm(JSON.parse(json.toString()));
    const touched = Number(secret.labels['modifiedAt']);
    return release && { ...release, touchedAt: touched > 0 ? touched * 1000 : undefined };
  } catch {
    return undefined;
  }
}

/** As Go's struct tags write it. */
function helmRelease(release: Release): object {
  const { name, namespace, revision, status, firstDeployed, lastDeployed, description, notes, chart, values, manifest, hooks } = release;
  return {
    name,
    info: {
      ...{ first_deployed: firstDeployed, last_deployed: lastDeployed, deleted: '', description, status },
      ...(notes === '' ? {} : { notes }),
    },
    chart: {
      ...{ metadata: chart.metadata, lock: null, templates: chart.templates, values: chart.values },
      ...{ schema: chart.schema ?? null, files: chart.files },
    },
    config: values,
    manifest,
    hooks: hooks.map(({ name: hook, kind, path, manifest: own, events, weight, deletePolicies }) => ({
      ...{ name: hook, kind, path, manifest: own, events, weight, last_run: { started_at: '', completed_at: '', phase: '' } },
      ...(deletePolicies.length > 0 ? { delete_policies: deletePolicies } : {}),
    })),
    version: revision,
    namespace,
  };
}

const STATUSES: ReadonlySet<string> = new Set([
  ...['deployed', 'failed', 'superseded', 'uninstalled', 'uninstalling'],
  ...['pending-install', 'pending-upgrade', 'pending-rollback'],
]);

function fromHelm(value: unknown): Release | undefined {
  const name = stringAt(value, 'name');
  const revision = numberAt(value, 'version');
  if (name === undefined || revision === undefined) return undefined;
  const status = stringAt(value, 'info', 'status') ?? '';
  const files = (field: string): Release['chart']['files'] =>
    itemsAt(value, 'chart', field).map(({ item }) => ({ name: stringAt(item, 'name') ?? '', data: stringAt(item, 'data') ?? '' }));
  return {
    name,
    revision,
    namespace: stringAt(value, 'namespace') ?? '',
    status: STATUSES.has(status) ? (status as ReleaseStatus) : 'unknown',
    firstDeployed: stringAt(value, 'info', 'first_deployed') ?? '',
    lastDeployed: stringAt(value, 'info', 'last_deployed') ?? '',
    description: stringAt(value, 'info', 'description') ?? '',
    notes: stringAt(value, 'info', 'notes') ?? '',
    chart: {
      metadata: objectAt(value, 'chart', 'metadata') as Values,
      templates: files('templates'),
      values: objectAt(value, 'chart', 'values') as Values,
      schema: stringAt(value, 'chart', 'schema'),
      files: files('files'),
    },
    values: objectAt(value, 'config') as Values,
    manifest: stringAt(value, 'manifest') ?? '',
    hooks: itemsAt(value, 'hooks').map(({ item }) => ({
      ...{ name: stringAt(item, 'name') ?? '', kind: stringAt(item, 'kind') ?? '', path: stringAt(item, 'path') ?? '' },
      manifest: stringAt(item, 'manifest') ?? '',
      events: listAt(item, 'events').map(String),
      weight: Number(at(item, ['weight']) ?? 0),
      deletePolicies: listAt(item, 'delete_policies').map(String),
    })),
  };
}
