/** A CheckReport as one document; its schema is `schemas/output/check-report.json`. */
import type { CheckReport } from '../model/check.ts';
import { shortKind } from '../model/resource.ts';

export function checkDocument({ meshes, outcomes }: CheckReport): object {
  return {
    apiVersion: 'meshctl.dev/v1',
    kind: 'CheckReport',
    mesh: meshes.map(({ id }) => id).join(',') || 'none',
    ...(meshes.length === 1 && meshes[0]?.version !== undefined ? { version: meshes[0].version } : {}),
    meshes: meshes.map(({ id, version }) => ({ id, ...(version === undefined ? {} : { version }) })),
    checks: outcomes.map(({ check, result, durationMs }) => ({
      id: check.id,
      ...(check.aliases === undefined ? {} : { aliases: check.aliases }),
      category: check.category,
      title: check.title,
      status: result.is,
      ...(result.reason ? { reason: result.reason } : {}),
      ...(result.hint ? { hint: result.hint } : {}),
      ...(check.docs === undefined ? {} : { docs: check.docs }),
      affected: (result.affected ?? []).map(({ resource, detail }) => ({
        apiVersion: resource.apiVersion,
        kind: shortKind(resource.kind),
        ...(resource.namespace ? { namespace: resource.namespace } : {}),
        name: resource.name,
        ...(detail === undefined ? {} : { detail }),
      })),
      durationMs: Math.round(durationMs),
    })),
  };
}
