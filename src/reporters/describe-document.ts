/** A DescribeReport as one document; its schema is `schemas/output/describe-report.json`. */
import type { Description, Fact, Trouble } from '../model/describe.ts';
import type { ConfigObject } from '../model/proxy-config.ts';
import { type Resource, shortKind } from '../model/resource.ts';
import type { NotRead } from '../model/subject.ts';

export interface DescribeReport {
  readonly mesh: string;
  readonly target: Resource;
  readonly notRead: readonly NotRead[];
  readonly description: Description;
}

export function describeDocument({ mesh, target, notRead, description }: DescribeReport): object {
  const { troubles, proxies, sections } = description;
  return {
    apiVersion: 'meshctl.dev/v1',
    kind: 'DescribeReport',
    mesh,
    target: objectOf({ kind: shortKind(target.kind), namespace: target.namespace, name: target.name }),
    problems: troubles.map(troubleOf),
    proxies: proxies.map(({ namespace, pod, silence }) => ({
      namespace,
      pod,
      asked: silence === undefined,
      ...(silence === undefined ? {} : { reason: silence }),
    })),
    notRead,
    sections: sections.map(({ id, title, facts }) => ({ id, title, facts: facts.map(factOf) })),
  };
}

const troubleOf = ({ id, severity, isDifference, message, hint, objects }: Trouble): object => ({
  id,
  severity,
  difference: isDifference,
  message,
  ...(hint === undefined ? {} : { hint }),
  objects: objects.map(objectOf),
});

const factOf = ({ subject, value, details = [], from }: Fact): object => ({
  subject,
  value,
  ...(details.length === 0 ? {} : { details }),
  from: from.map(objectOf),
});

const objectOf = ({ kind, namespace, name }: ConfigObject): object => ({ kind, ...(namespace === '' ? {} : { namespace }), name });
