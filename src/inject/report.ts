/** What became of the workloads of a stream. */
import type { InjectAction, InjectReason } from '../model/inject.ts';
import { type Resource, shortKind } from '../model/resource.ts';

export interface WorkloadResult {
  readonly resource: Pick<Resource, 'apiVersion' | 'kind' | 'namespace' | 'namespaceGiven' | 'name'>;
  /** Where its document begins; the line counts from 1. */
  readonly source: string;
  readonly line: number;
  readonly action: InjectAction;
  readonly reasons: readonly InjectReason[];
}

/** A document that is no YAML, with the place where reading it stopped; line and column count from 1. */
export interface DocumentError {
  readonly source: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface StreamReport {
  readonly workloads: readonly WorkloadResult[];
  readonly errors: readonly DocumentError[];
}

const ACTIONS: readonly InjectAction[] = ['injected', 'annotated', 'uninjected', 'unchanged', 'skipped', 'failed'];

/** How many workloads came to each end, those that none came to left out. */
export function totalsOf({ workloads }: StreamReport): readonly (readonly [InjectAction, number])[] {
  return ACTIONS.map((action) => [action, workloads.filter((each) => each.action === action).length] as const).filter(
    ([, number]) => number > 0,
  );
}

/** The `InjectReport` document; its schema is schemas/output/inject-report.json. */
export function injectDocument(mesh: string | undefined, report: StreamReport): object {
  return {
    apiVersion: 'meshctl.dev/v1',
    kind: 'InjectReport',
    ...(mesh === undefined ? {} : { mesh }),
    workloads: report.workloads.map(({ resource, source, line, action, reasons }) => ({
      resource: {
        apiVersion: resource.apiVersion,
        kind: shortKind(resource.kind),
        ...(resource.namespaceGiven && resource.namespace !== '' ? { namespace: resource.namespace } : {}),
        name: resource.name,
      },
      position: { source, line },
      action,
      reasons: reasons.map(({ code, message }) => ({ code, message })),
    })),
    errors: report.errors.map(({ source, line, column, message }) => ({ source, line, column, message })),
  };
}
