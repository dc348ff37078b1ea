import { MeshctlError } from '../../../errors.ts';
import { isBody, objectAt, stringAt, stringMapAt } from '../../../model/body.ts';
import type { Injector, InjectParameters } from '../../../model/inject.ts';
import type { Body } from '../../../model/resource.ts';
import { parseYaml, YamlProblem } from '../../../text/yaml.ts';
import { parseInjectorConfig } from './config.ts';
import { istioInjector } from './injector.ts';
import { meshSettings } from './mesh-settings.ts';
import { type NativeMode, nativeMode, nativeOnNode } from './native.ts';
import { withSetValues } from './set-values.ts';
import { readSources, type SourceText } from './sources.ts';

/** @throws MeshctlError E_INJECT */
export async function openInjector(parameters: InjectParameters): Promise<Injector> {
  const { config, values: valuesText, mesh, live } = await readSources(parameters);
  const values = withSetValues(bodyOf(valuesText), parameters.settings);
  const environment = new Map([...Object.entries(stringMapAt(values, 'pilot', 'env')), ...(live?.environment ?? [])]);
  const mode =
    modeOf(parameters.settings['native-sidecars']) ??
    nativeMode(environment.get('ENABLE_NATIVE_SIDECARS'), String(objectAt(values, 'global')['tag'] ?? ''));
  return istioInjector({
    config: parseInjectorConfig(config.text, config.where),
    values,
    mesh: meshSettings(mesh ? bodyOf(mesh) : {}),
    revision: live?.revision ?? parameters.revision ?? stringAt(values, 'revision') ?? '',
    environment,
    isNative: nativeOnNode(mode, live?.nodes),
    proxyConfigs: live?.proxyConfigs ?? [],
    proxyEnvironment: live?.proxyEnvironment ?? {},
    isOpenShift: (environment.get('PLATFORM') ?? stringAt(values, 'global', 'platform')) === 'openshift',
  });
}

function bodyOf({ text, where }: SourceText): Body {
  try {
    const body = parseYaml(text) ?? {};
    if (isBody(body)) return body;
  } catch (error) {
    if (!(error instanceof YamlProblem)) throw error;
    throw new MeshctlError('E_INJECT', `${where} cannot be read: line ${error.line}: ${error.message}`);
  }
  throw new MeshctlError('E_INJECT', `${where} is no YAML mapping.`);
}

const MODES: Readonly<Record<string, NativeMode>> = { auto: 'auto', true: 'always', false: 'never' };

function modeOf(setting: unknown): NativeMode | undefined {
  if (setting === undefined) return undefined;
  const mode = MODES[String(setting)];
  if (mode !== undefined) return mode;
  throw new MeshctlError('E_INJECT', `"${String(setting)}" is no value of "--native-sidecars".`, {
    hint: 'Write "auto", "true" or "false".',
  });
}
