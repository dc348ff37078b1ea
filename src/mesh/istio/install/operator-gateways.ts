/** The gateways of an IstioOperator: any number of each of two kinds. */
import { MeshctlError } from '../../../errors.ts';
import { booleanAt, isBody, listAt, objectAt, stringAt } from '../../../model/body.ts';
import type { Values } from '../../../model/install.ts';
import { mergeValues } from '../../install/merge-values.ts';
import { GATEWAY, GATEWAY_VALUES } from './operator-tables.ts';
import { translateSettings } from './translate-settings.ts';

export interface OperatorGateways {
  readonly with: readonly string[];
  readonly without: readonly string[];
  readonly copies: Readonly<Record<string, string>>;
  readonly namespaces: Readonly<Record<string, string>>;
  readonly of: Readonly<Record<string, Values>>;
  /** Paths of fields that the chart has no place for. */
  readonly lost: readonly string[];
}

const KINDS = [
  { field: 'ingressGateways', kind: 'istio-ingressgateway', labels: { app: 'istio-ingressgateway', istio: 'ingressgateway' } },
  { field: 'egressGateways', kind: 'istio-egressgateway', labels: { app: 'istio-egressgateway', istio: 'egressgateway' } },
] as const;

/**
 * @param ofProfile ids of the components that the profile brings
 * @throws MeshctlError E_INSTALL when two gateways have one name, since their releases would too
 */
export function gatewaysOf(spec: Values, values: Values, ofProfile: readonly string[]): OperatorGateways {
  const found = KINDS.flatMap((each) => gatewaysOfKind(each, spec, values, ofProfile));
  const enabled = found.filter((gateway) => gateway.enabled);
  const twice = enabled.find(({ id }, index) => enabled.findIndex((other) => other.id === id) < index);
  if (twice) {
    throw new MeshctlError('E_INSTALL', `The IstioOperator has two gateways of the name "${twice.id}".`, {
      hint: 'Give them names of their own.',
    });
  }
  const custom = enabled.filter(({ id, kind }) => id !== kind);
  return {
    with: enabled.filter(({ id, kind }) => id === kind).map(({ id }) => id),
    without: KINDS.map(({ kind }) => kind).filter((kind) => ofProfile.includes(kind) && !enabled.some(({ id }) => id === kind)),
    copies: Object.fromEntries(custom.map(({ id, kind }) => [id, kind])),
    namespaces: Object.fromEntries(enabled.flatMap(({ id, namespace }) => (namespace === undefined ? [] : [[id, namespace]]))),
    of: Object.fromEntries(enabled.flatMap((gateway) => (Object.keys(gateway.values).length > 0 ? [[gateway.id, gateway.values]] : []))),
    lost: enabled.flatMap(({ lost }) => lost),
  };
}

/** An image is none of them: the injector sets that of gateways, and takes it from the control plane. */
const KNOWN_FIELDS: readonly string[] = ['enabled', 'k8s', 'label', 'name', 'namespace'];

interface Gateway {
  readonly id: string;
  readonly kind: string;
  readonly enabled: boolean;
  readonly namespace: string | undefined;
  readonly values: Values;
  readonly lost: readonly string[];
}

function gatewaysOfKind(
  { field, kind, labels }: (typeof KINDS)[number],
  spec: Values,
  values: Values,
  ofProfile: readonly string[],
): readonly Gateway[] {
  const where = `spec.values.gateways.${kind}`;
  const shared = objectAt(values, 'gateways', kind);
  const forAll = translateSettings(shared, GATEWAY_VALUES, where);
  const isForced = booleanAt(shared, 'enabled') === true;
  // A list is taken as a whole: what the profile lists besides is gone.
  if (!Array.isArray(objectAt(spec, 'components')[field])) {
    return [{ id: kind, kind, enabled: isForced || ofProfile.includes(kind), namespace: undefined, ...forAll }];
  }
  return listAt(spec, 'components', field).map((item, index): Gateway => {
    const gateway = isBody(item) ? item : {};
    const path = `spec.components.${field}[${index}]`;
    const id = stringAt(gateway, 'name') ?? kind;
    const settings = translateSettings(objectAt(gateway, 'k8s'), GATEWAY, `${path}.k8s`);
    const own = objectAt(gateway, 'label');
    const unknown = Object.keys(gateway).filter((name) => !KNOWN_FIELDS.includes(name));
    // Gateway resources select by these, which istioctl gives to every gateway of the kind, and the chart by its name.
    const labelled = id === kind ? own : { ...labels, ...own };
    return {
      id,
      kind,
      enabled: isForced || (booleanAt(gateway, 'enabled') ?? true),
      namespace: stringAt(gateway, 'namespace'),
      values: mergeValues(forAll.values, settings.values, Object.keys(labelled).length > 0 ? { labels: labelled } : {}),
      lost: [...forAll.lost, ...settings.lost, ...unknown.map((name) => `${path}.${name}`)],
    };
  });
}
