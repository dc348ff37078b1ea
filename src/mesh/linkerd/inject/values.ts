/** The values that proxies are made of: the chart's defaults, what the control plane was installed with, and what the user says now. */
import { MeshctlError } from '../../../errors.ts';
import { at, isBody, stringAt } from '../../../model/body.ts';
import type { InjectParameters } from '../../../model/inject.ts';
import type { Body, FieldPath } from '../../../model/resource.ts';
import { isEqual } from '../../../text/equal.ts';
import { parseQuantity } from '../../../text/quantity.ts';
import { quotedList } from '../../../text/words.ts';
import { parseYamlValue } from '../../../text/yaml.ts';
import { overlay, withValue } from '../../injection/edit.ts';
import { askCluster } from '../../injection/reach.ts';
import { mappingOf, settingsAt } from '../../injection/settings.ts';
import { CONFIG_MAP, INJECT } from '../kinds.ts';
import { isSet, textAt } from './chart-values.ts';
import { DEFAULTS } from './defaults.ts';
import { OPTIONS, type Option } from './options.ts';

export interface Configuration {
  readonly values: Body;
  /** What the user changes, as the annotations by which the cluster's injector learns of it. */
  readonly overrides: Readonly<Record<string, string>>;
  /** Of the control plane. */
  readonly namespace: string;
  /** False when the cluster was asked and has no control plane there. */
  readonly isInstalled: boolean;
}

const INGRESS: FieldPath = ['proxy', 'isIngress'];

/** @throws MeshctlError E_INJECT when a setting does not fit, or a proxy cannot be made of what is known */
export async function readConfiguration(parameters: InjectParameters): Promise<Configuration> {
  const namespace = parameters.controlPlaneNamespace ?? 'linkerd';
  const asked = await askCluster(parameters, (live) => installedValues(live, namespace));
  const files = [parameters.files['values'], parameters.files['injector-values']].map(mappingOf);
  const base = [chartValues(parameters), asked?.answer ?? {}, ...files].reduce(overlay, DEFAULTS);
  const values = withSettings(base, parameters.settings);
  const isInstalled = !asked || asked.answer !== undefined;
  if (parameters.manual) {
    demandComplete(values, namespace, isInstalled);
    demandSound(values);
  }
  return { values, overrides: overridesOf(base, values), namespace, isInstalled };
}

async function installedValues(live: NonNullable<InjectParameters['live']>, namespace: string): Promise<Body | undefined> {
  const config = await live.get({ kind: CONFIG_MAP, namespace, name: 'linkerd-config' });
  if (!config) return undefined;
  const values = parseYamlValue(stringAt(config.body, 'data', 'values') ?? '');
  if (!isBody(values)) throw new MeshctlError('E_INJECT', `ConfigMap "${namespace}/linkerd-config" holds no values under "values".`);
  if (textAt(values, 'identityTrustAnchorsPEM').trim() !== '') return values;
  // With anchors of others the values have none, and the control plane reads them here too.
  const roots = await live.get({ kind: CONFIG_MAP, namespace, name: 'linkerd-identity-trust-roots' });
  return { ...values, identityTrustAnchorsPEM: stringAt(roots?.body, 'data', 'ca-bundle.crt') ?? '' };
}

function chartValues({ chart }: InjectParameters): Body {
  const file = chart?.find(({ name }) => name === 'values.yaml');
  if (!chart) return {};
  if (!file) throw new MeshctlError('E_INJECT', 'The chart has no "values.yaml".', { hint: 'Name the chart linkerd-control-plane.' });
  return mappingOf({ path: file.name, text: new TextDecoder().decode(file.data) });
}

function withSettings(base: Body, settings: Readonly<Record<string, unknown>>): Body {
  const { registry, ...others } = settings;
  const read = Object.fromEntries(Object.entries(others).map(([key, value]) => [key, readFlag(key, value)]));
  const paths = Object.fromEntries(OPTIONS.flatMap(({ flag, path }) => (flag ? [[flag[0], path] as const] : [])));
  const given = settingsAt(read, { ...paths, ingress: INGRESS });
  const values = OPTIONS.reduce(
    (result, { flag, path, cores }) =>
      flag && cores && settings[flag[0]] !== undefined ? withCores(result, cores, textAt(given, ...path)) : result,
    overlay(base, given),
  );
  return registry === undefined ? values : fromRegistry(values, String(registry));
}

/** Flags are told from values of `--set` by their names, which have no dot and are none of the chart's. */
function readFlag(key: string, value: unknown): unknown {
  const option = OPTIONS.find(({ flag }) => flag?.[0] === key);
  if (!option || value === undefined) return value;
  const read = option.reading.read(Array.isArray(value) ? value.join(',') : String(value));
  if (read !== undefined) return read;
  throw new MeshctlError('E_INJECT', `The value "${String(value)}" of --${key} is not ${option.reading.wants}.`);
}

/** The values with the number of workers that a quantity of cores asks for, rounded up. */
export const withCores = (values: Body, path: FieldPath, quantity: string): Body =>
  withValue(values, path, Math.ceil(parseQuantity(quantity) ?? 1));

/** The images of another registry, their last parts as they are. */
function fromRegistry(values: Body, registry: string): Body {
  return [['proxy', 'image', 'name'] as const, ['debugContainer', 'image', 'name'] as const].reduce(
    (result: Body, path) =>
      withValue(
        result,
        path,
        `${registry.replace(/\/+$/, '')}/${
          textAt(result, ...path)
            .split('/')
            .at(-1) ?? ''
        }`,
      ),
    values,
  );
}

function overridesOf(base: Body, values: Body): Readonly<Record<string, string>> {
  const annotation = ({ annotation: key, path, reading }: Option): readonly (readonly [string, string])[] => {
    const now = at(values, path);
    return now === undefined || isEqual(now, at(base, path)) ? [] : [[key, reading.write(now)]];
  };
  // The last row of a path is the one that counts.
  const rows = new Map(OPTIONS.map((option) => [option.path.join('.'), option]));
  const ingress = at(values, INGRESS) === true && at(base, INGRESS) !== true ? [[INJECT, 'ingress'] as const] : [];
  return Object.fromEntries([...[...rows.values()].flatMap(annotation), ...ingress]);
}

function demandComplete(values: Body, namespace: string, isInstalled: boolean): void {
  const wanting = [
    ...(textAt(values, 'identityTrustAnchorsPEM').trim() === '' && at(values, ['proxy', 'loadTrustBundleFromConfigMap']) !== true
      ? ['identityTrustAnchorsPEM']
      : []),
    ...(textAt(values, 'proxy', 'image', 'version') || textAt(values, 'linkerdVersion') ? [] : ['linkerdVersion']),
  ];
  if (wanting.length === 0) return;
  const names = wanting.map((name) => `"${name}"`).join(' and ');
  throw new MeshctlError(
    'E_INJECT',
    isInstalled
      ? `The proxy of Linkerd cannot be made without ${names}.`
      : `Namespace "${namespace}" has no ConfigMap "linkerd-config", so that there is no ${names} to make a proxy with.`,
    { hint: 'Let meshctl ask the cluster, name its namespace, or give the values that the control plane was installed with.' },
  );
}

/** What the chart refuses to be rendered with. */
function demandSound(values: Body): void {
  const isTracing = isSet(values, 'proxy', 'tracing', 'enabled');
  const collector: readonly FieldPath[] = [['endpoint'], ['meshIdentity', 'serviceAccountName'], ['meshIdentity', 'namespace']];
  const faults = [
    ...ofWords(values, ['proxyInit', 'iptablesMode'], ['nft', 'legacy', '']),
    ...ofWords(values, ['proxy', 'logHTTPHeaders'], ['insecure', 'off', '']),
    ...collector
      .map((path) => ['proxy', 'tracing', 'collector', ...path])
      .filter((path) => isTracing && !isSet(values, ...path))
      .map((path) => `Proxies that trace need "${path.join('.')}".`),
  ];
  if (faults.length > 0) throw new MeshctlError('E_INJECT', faults.join(' '));
}

function ofWords(values: Body, path: FieldPath, known: readonly string[]): readonly string[] {
  const given = textAt(values, ...path);
  if (known.includes(given)) return [];
  return [`The value "${given}" of "${path.join('.')}" is none of ${quotedList(known.filter((word) => word !== ''))}.`];
}
