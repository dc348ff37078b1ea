/**
 * What each revision's injector is configured to do: the ConfigMap `istio-sidecar-injector`, or
 * `istio-sidecar-injector-<revision>`.
 * @see https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#customizing-injection
 */
import { booleanAt, listAt, stringAt, stringMapAt } from '../../model/body.ts';
import { labelSelectorMatches } from '../../model/labels.ts';
import { groupBy, lazy } from '../../model/maps.ts';
import type { Body, Resource } from '../../model/resource.ts';
import type { Derivation } from '../../model/resource-set.ts';
import { CONFIG_MAP } from './kinds.ts';
import { embeddedYaml } from './mesh-config.ts';
import { DEFAULT_REVISION } from './webhooks.ts';

const NAME = 'istio-sidecar-injector';

export interface InjectorConfig {
  readonly resource: Resource;
  readonly revision: string;
  /** The chart values that its templates are rendered with. */
  readonly values: Body;
  /** Namespaces without any injection label get sidecars too. */
  readonly enableNamespacesByDefault: boolean;
  /** What becomes of a pod that does not choose for itself, once a webhook was called for it. */
  injectsByDefault(podLabels: Readonly<Record<string, string>>): boolean;
}

export interface InjectorConfigs {
  readonly all: readonly InjectorConfig[];
  /** @param namespace of the control plane, should several have a revision of that name */
  forRevision(revision: string, namespace?: string): InjectorConfig | undefined;
}

export const injectorConfigs: Derivation<InjectorConfigs> = {
  name: 'istio injector configurations',
  build(resources) {
    const all = resources.all(CONFIG_MAP).flatMap((resource) => {
      const revision = revisionOf(resource.name);
      return revision === undefined ? [] : [parse(resource, revision)];
    });
    const configs = groupBy(all, (config) => config.revision);
    return {
      all,
      forRevision(revision, namespace = resources.settings.rootNamespace) {
        const found = configs.get(revision) ?? [];
        return found.find(({ resource }) => resource.namespace === namespace) ?? found[0];
      },
    };
  },
};

function revisionOf(name: string): string | undefined {
  if (name === NAME) return DEFAULT_REVISION;
  return name.startsWith(`${NAME}-`) ? name.slice(NAME.length + 1) : undefined;
}

function parse(resource: Resource, revision: string): InjectorConfig {
  const values = embeddedYaml(resource, 'values');
  // Holds every injection template, so it is parsed only when somebody asks.
  const config = lazy(() => embeddedYaml(resource, 'config'));
  const matchesAny = (field: string, labels: Readonly<Record<string, string>>): boolean =>
    listAt(config(), field).some((selector) => !isEmptySelector(selector) && labelSelectorMatches(selector, labels));
  return {
    resource,
    revision,
    values,
    enableNamespacesByDefault: booleanAt(values, 'sidecarInjectorWebhook', 'enableNamespacesByDefault') ?? false,
    injectsByDefault(labels) {
      if (matchesAny('neverInjectSelector', labels)) return false;
      if (matchesAny('alwaysInjectSelector', labels)) return true;
      // A ConfigMap that was cut down to its values says nothing of the policy.
      return (stringAt(config(), 'policy') ?? 'enabled') === 'enabled';
    },
  };
}

/** The injector passes over empty selectors, although an empty selector matches everything elsewhere. */
function isEmptySelector(selector: unknown): boolean {
  return listAt(selector, 'matchExpressions').length === 0 && Object.keys(stringMapAt(selector, 'matchLabels')).length === 0;
}
