/** The configuration of the injector, the key `config` of its ConfigMap. */

import { MeshctlError } from '../../../errors.ts';
import { isBody, listAt, objectAt, stringAt, stringMapAt, stringsAt } from '../../../model/body.ts';
import { parseYaml, YamlProblem } from '../../../text/yaml.ts';

export interface InjectorConfig {
  /** Undefined for one that Istio does not know. */
  readonly policy: 'enabled' | 'disabled' | undefined;
  readonly defaultTemplates: readonly string[];
  readonly aliases: ReadonlyMap<string, readonly string[]>;
  /** Texts by name. */
  readonly templates: ReadonlyMap<string, string>;
  readonly neverInjectSelector: readonly unknown[];
  readonly alwaysInjectSelector: readonly unknown[];
  readonly injectedAnnotations: Readonly<Record<string, string>>;
}

/**
 * @param where how messages name the text
 * @throws MeshctlError E_INJECT
 */
export function parseInjectorConfig(text: string, where: string): InjectorConfig {
  const body = parsed(text);
  // A file of nothing but a template, as istioctl takes it too.
  const templates = isBody(body?.['templates']) ? stringMapAt(body, 'templates') : { sidecar: text };
  const isBare = !isBody(body?.['templates']);
  if (isBare && !text.includes('{{') && body?.['spec'] === undefined) {
    throw new MeshctlError('E_INJECT', `${where} has no injection templates.`, {
      hint: 'Give the value of the key "config" of the ConfigMap "istio-sidecar-injector".',
    });
  }
  const policy = isBare ? 'enabled' : (stringAt(body, 'policy') ?? '');
  const names = stringsAt(body, 'defaultTemplates').map(({ value }) => value);
  return {
    policy: policy === 'enabled' || policy === 'disabled' ? policy : undefined,
    defaultTemplates: names.length > 0 ? names : ['sidecar'],
    aliases: new Map(
      Object.keys(objectAt(body, 'aliases')).map((name) => [name, stringsAt(body, 'aliases', name).map(({ value }) => value)]),
    ),
    templates: new Map(Object.entries(templates)),
    neverInjectSelector: listAt(body, 'neverInjectSelector'),
    alwaysInjectSelector: listAt(body, 'alwaysInjectSelector'),
    injectedAnnotations: stringMapAt(body, 'injectedAnnotations'),
  };
}

/** Undefined for what is no YAML, as a template seldom is. */
function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const body = parseYaml(text);
    return isBody(body) ? body : undefined;
  } catch (error) {
    if (error instanceof YamlProblem) return undefined;
    throw error;
  }
}
