/** An IstioOperator, the file of istioctl, as a wish for the charts. What istioctl patches after rendering has no place in them, and is an error. */
import { MeshctlError } from '../../../errors.ts';
import { booleanAt, isBody, objectAt, stringAt } from '../../../model/body.ts';
import type { ConvertedRequest, Values } from '../../../model/install.ts';
import { quotedList } from '../../../text/words.ts';
import { mergeValues } from '../../install/merge-values.ts';
import { gatewaysOf } from './operator-gateways.ts';
import { CNI, ISTIOD, ZTUNNEL } from './operator-tables.ts';
import { recipe } from './profiles.ts';
import { type Table, translateSettings } from './translate-settings.ts';

/**
 * @returns undefined for other documents
 * @throws MeshctlError E_INSTALL naming what charts have no place for
 */
export function convertOperator(document: unknown): ConvertedRequest | undefined {
  if (!isBody(document) || document['kind'] !== 'IstioOperator' || !/^install\.istio\.io\//.test(String(document['apiVersion'])))
    return undefined;
  const spec = objectAt(document, 'spec');
  const values = mergeValues(objectAt(spec, 'values'), objectAt(spec, 'unvalidatedValues'));
  const profile = stringAt(spec, 'profile');
  const ofProfile = (recipe.profiles.find(({ name }) => name === profile) ?? recipe.profiles[0])?.components ?? [];
  const single = SINGLE.map((each) => singleComponent(each, spec, values, profile));
  const gateways = gatewaysOf(spec, values, ofProfile);
  const lost = [...unknownFields(spec, values), ...gateways.lost, ...single.flatMap((each) => each.lost)];
  if (lost.length > 0) {
    throw new MeshctlError('E_INSTALL', `The IstioOperator says what the charts of Istio have no place for: ${quotedList(lost, 10)}.`, {
      hint: 'Take it out of the file; "--dry-run" prints manifests that other tools can patch.',
    });
  }
  const enabled = (state: boolean): readonly string[] => single.filter((each) => each.enabled === state).map(({ id }) => id);
  const request = { with: [...enabled(true), ...gateways.with], without: [...enabled(false), ...gateways.without] };
  const installed = (id: string): boolean => !request.without.includes(id) && (ofProfile.includes(id) || request.with.includes(id));
  const given = single.filter((each) => Object.keys(each.values).length > 0);
  const namespace = stringAt(values, 'global', 'istioNamespace');
  const revision = stringAt(spec, 'revision') ?? stringAt(values, 'revision');
  return {
    ...(profile !== undefined && { profile }),
    ...(namespace !== undefined && { namespace }),
    ...(revision !== undefined && { revision }),
    ...request,
    copies: gateways.copies,
    namespaces: {
      ...Object.fromEntries(single.flatMap((each) => (each.namespace && installed(each.id) ? [[each.id, each.namespace]] : []))),
      ...gateways.namespaces,
    },
    values: {
      all: sharedValues(spec, values),
      of: { ...Object.fromEntries(given.filter(({ id }) => installed(id)).map((each) => [each.id, each.values])), ...gateways.of },
    },
    notices: [
      ...namespaceNotices(document, spec, namespace),
      ...given
        .filter(({ id, isAsked }) => isAsked && !installed(id))
        .map(({ id }) => `The IstioOperator's values for "${id}" are not used, because it does not install that component.`),
      ...(Object.keys(gateways.of).length > 0 || ofProfile.some((id) => id.endsWith('gateway') && installed(id))
        ? ['Gateways come from the chart "gateway", whose objects differ in detail from those that istioctl makes.']
        : []),
    ],
  };
}

/** Which components there are once, with the subtree of `values` that is theirs alone. */
interface Single {
  readonly id: string;
  readonly field: string;
  readonly table: Table;
  /** Where the chart reads its own values too, above those at the top. */
  readonly root?: string;
  readonly ownValues: (values: Values, spec: Values) => Values;
}

const SINGLE: readonly Single[] = [
  { id: 'base', field: 'base', table: {}, ownValues: (values) => pick(values, ['base', 'defaultRevision', 'experimental']) },
  {
    id: 'istiod',
    field: 'pilot',
    table: ISTIOD,
    root: 'pilot',
    ownValues: (values, spec) => {
      const rest = Object.entries(values).filter(([key, value]) => !OF_OTHERS.has(key) && (isBody(value) || Array.isArray(value)));
      const gateways = pick(objectAt(values, 'gateways'), ['securityContext', 'seccompProfile']);
      // "spec.meshConfig" is laid over "spec.values.meshConfig" by istioctl, and the values given are laid over that again.
      return mergeValues(
        { ...(isBody(spec['meshConfig']) && { meshConfig: spec['meshConfig'] }) },
        Object.fromEntries(rest),
        Object.keys(gateways).length > 0 ? { gateways } : {},
      );
    },
  },
  { id: 'cni', field: 'cni', table: CNI, root: 'cni', ownValues: (values) => pick(values, ['cni']) },
  { id: 'ztunnel', field: 'ztunnel', table: ZTUNNEL, ownValues: (values) => objectAt(values, 'ztunnel') },
];

/** Subtrees of `values` that are no part of istiod's. */
const OF_OTHERS: ReadonlySet<string> = new Set(['global', 'base', 'cni', 'ztunnel', 'gateways']);

const pick = (values: Values, keys: readonly string[]): Values =>
  Object.fromEntries(keys.filter((key) => values[key] !== undefined).map((key) => [key, values[key]]));

interface Found {
  readonly id: string;
  /** Undefined: as the profile says. */
  readonly enabled: boolean | undefined;
  readonly namespace: string | undefined;
  readonly values: Values;
  readonly lost: readonly string[];
  /** True when the file has values for this component alone. */
  readonly isAsked: boolean;
}

function singleComponent({ id, field, table, root, ownValues }: Single, spec: Values, values: Values, profile: string | undefined): Found {
  const component = objectAt(spec, 'components', field);
  const where = `spec.components.${field}`;
  const isGiven = isBody(objectAt(spec, 'components')[field]);
  // Without the field, a component that is written down is enabled, unless the profile has it disabled.
  const implied = isGiven && !(profile === 'empty' && (id === 'base' || id === 'istiod')) ? true : undefined;
  const settings = translateSettings(objectAt(component, 'k8s'), table, `${where}.k8s`);
  const image = { ...pick(component, ['hub']), ...(component['tag'] !== undefined && { tag: String(component['tag']) }) };
  const own = ownValues(values, spec);
  const enabled = booleanAt(component, 'enabled') ?? implied;
  return {
    id,
    enabled,
    namespace: stringAt(component, 'namespace'),
    values: mergeValues(own, below(root, mergeValues(settings.values, image))),
    lost: enabled === false ? [] : settings.lost,
    isAsked: id !== 'base' && (Object.keys(own).length > 0 || isGiven) && enabled !== false,
  };
}

function below(root: string | undefined, values: Values): Values {
  const { global, ...own } = values;
  if (root === undefined || Object.keys(own).length === 0) return values;
  return { ...(global !== undefined && { global }), [root]: own };
}

/** What all charts read: globals, and what stands at the top of `values`. */
function sharedValues(spec: Values, values: Values): Values {
  const { istioNamespace: _, ...given } = objectAt(values, 'global');
  const tops = Object.entries(values).filter(
    ([key, value]) => typeof value !== 'object' && key !== 'revision' && key !== 'defaultRevision',
  );
  const image = { ...pick(spec, ['hub']), ...(spec['tag'] !== undefined && { tag: String(spec['tag']) }) };
  const global = { ...image, ...given };
  return { ...pick(spec, ['compatibilityVersion']), ...Object.fromEntries(tops), ...(Object.keys(global).length > 0 && { global }) };
}

/** By the path of their map; that of `spec` has `installPackagePath` besides, a folder of istioctl's own layout. */
const KNOWN_FIELDS: Readonly<Record<string, readonly string[]>> = {
  spec: [
    ...['compatibilityVersion', 'components', 'hub', 'meshConfig', 'namespace', 'profile'],
    ...['revision', 'tag', 'unvalidatedValues', 'values'],
  ],
  'spec.components': ['base', 'cni', 'egressGateways', 'ingressGateways', 'pilot', 'ztunnel'],
  ...Object.fromEntries(SINGLE.map(({ field }) => [`spec.components.${field}`, ['enabled', 'hub', 'k8s', 'namespace', 'tag']])),
  'spec.values.gateways': ['istio-egressgateway', 'istio-ingressgateway', 'seccompProfile', 'securityContext'],
};

/** @param values those that are not validated included */
function unknownFields(spec: Values, values: Values): readonly string[] {
  return Object.entries(KNOWN_FIELDS).flatMap(([path, known]) =>
    Object.keys(objectAt({ spec: { ...spec, values } }, ...path.split('.')))
      .filter((key) => !known.includes(key))
      .map((key) => `${path}.${key}`),
  );
}

function namespaceNotices(document: Values, spec: Values, namespace = 'istio-system'): readonly string[] {
  const others = [
    ['metadata.namespace', stringAt(document, 'metadata', 'namespace')],
    ['spec.namespace', stringAt(spec, 'namespace')],
  ] as const;
  return others.flatMap(([path, value]) =>
    value === undefined || value === namespace
      ? []
      : [
          `"${path}" is "${value}", but the control plane goes to "${namespace}", because only "spec.values.global.istioNamespace" says where.`,
        ],
  );
}
