/** What tests hand to injectors: objects of a YAML text, and a cluster that has them. */
import type { Inject, InjectOutcome, InjectParameters, InjectRequest } from '../../../src/model/inject.ts';
import type { Body } from '../../../src/model/resource.ts';
import { podPathOf } from '../../../src/model/workloads.ts';
import { resourcesFrom } from '../../builders.ts';

/** The first object of the text, as it is injected in the Namespace that comes with it, if one does. */
export function requestFrom(yaml: string): InjectRequest {
  const [resource, ...others] = resourcesFrom(yaml);
  if (!resource) throw new Error('The text has no object.');
  const home = others.find(({ kind }) => kind === 'core/Namespace');
  return { object: frozen(resource.body), template: podPathOf(resource.kind) ?? [], namespace: resource.namespace, home };
}

export function liveWith(yaml: string): NonNullable<InjectParameters['live']> {
  const all = resourcesFrom(yaml);
  return {
    get: async ({ kind, namespace, name }) => all.find((each) => each.kind === kind && each.namespace === namespace && each.name === name),
    list: async (kind, namespace) => all.filter((each) => each.kind === kind && (namespace === undefined || each.namespace === namespace)),
  };
}

export const parameters = (given: Partial<InjectParameters> = {}): InjectParameters => ({
  manual: false,
  files: {},
  settings: {},
  ...given,
});

export async function injected(inject: Inject, yaml: string, given: Partial<InjectParameters> = {}): Promise<InjectOutcome> {
  return (await inject.open(parameters(given))).inject(requestFrom(yaml));
}

export const file = (text: string, path = 'given.yaml') => ({ path, text });

export const codes = ({ reasons }: InjectOutcome): readonly string[] => reasons.map(({ code }) => code);

/** So that whoever changes it in place fails. */
function frozen(value: Body): Body {
  for (const each of Object.values(value)) if (typeof each === 'object' && each !== null) frozen(each as Body);
  return Object.freeze(value);
}
