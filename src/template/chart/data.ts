/** `.Files` and `.Capabilities`: values with methods. */

import { func } from '../builtins.ts';
import { textOf } from '../bytes.ts';
import { emitYaml } from '../emit-yaml.ts';
import { plain as printed } from '../print.ts';
import { type Func, type GoMap, type GoObject, methodsFrom, typed, type Value } from '../value.ts';
import type { ChartFile } from './chart.ts';
import { globPattern } from './glob.ts';

const yaml = (map: GoMap): string => (map.size === 0 ? '{}' : emitYaml(map).replace(/\n$/, ''));

export function filesValue(files: readonly ChartFile[]): GoObject {
  const byName = new Map(files.map((file) => [file.name, file]));
  const get = (name: string): string => {
    const file = byName.get(name);
    return file ? textOf(file.data) : '';
  };
  const named = (content: (file: ChartFile) => string): GoMap =>
    new Map(files.map((file) => [file.name.slice(file.name.lastIndexOf('/') + 1), content(file)]));
  const lines = (name: string): Value =>
    typed((get(name) === '' ? [] : get(name).replace(/\n$/, '').split('\n')) as readonly Value[], '[]string');
  const methods: Readonly<Record<string, Func>> = {
    Get: func(['string'], get),
    GetBytes: func(['string'], get),
    Glob: func(['string'], (pattern: string) => filesValue(files.filter(({ name }) => globPattern(pattern).test(name)))),
    Lines: func(['string'], lines),
    AsConfig: func([], () => yaml(named((file) => textOf(file.data)))),
    AsSecrets: func([], () => yaml(named((file) => Buffer.from(file.data).toString('base64')))),
  };
  const plain = (): GoMap => new Map(files.map((file) => [file.name, textOf(file.data)]));
  return objectValue('engine.files', 'map', {
    methods,
    plain,
    isTrue: () => files.length > 0,
    field: (name) => (byName.has(name) ? get(name) : null),
  });
}

export interface Cluster {
  /** `v1.33.0`. */
  readonly kubeVersion: string;
  /** `apps/v1`, and `apps/v1/Deployment` where kinds are known. */
  readonly apiVersions: readonly string[];
}

/** What meshctl says that it is to charts that ask for Helm's version. */
const HELM_VERSION = 'v3.18.0';

export function capabilitiesValue({ kubeVersion, apiVersions }: Cluster): GoObject {
  const [, major = '1', minor = '0', patch = '0'] = /^v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(kubeVersion) ?? [];
  const full = kubeVersion.startsWith('v') ? kubeVersion : `v${kubeVersion}`;
  const normal = `v${major}.${minor}.${patch}`;
  const version = objectValue('*common.KubeVersion', 'ptr', {
    fields: new Map<string, Value>([
      ['Version', full],
      ['Major', major],
      ['Minor', minor],
    ]),
    methods: { String: func([], () => normal), GitVersion: func([], () => full) },
    text: () => normal,
  });
  const known = new Set(apiVersions);
  const versions = objectValue('common.VersionSet', 'slice', {
    methods: { Has: func(['string'], (name: string) => known.has(name)) },
    plain: () => apiVersions,
    text: () => `[${apiVersions.join(' ')}]`,
  });
  const helm = new Map<string, Value>([
    ['Version', HELM_VERSION],
    ['GitCommit', ''],
    ['GitTreeState', ''],
    ['GoVersion', ''],
  ]);
  return objectValue('*common.Capabilities', 'ptr', {
    fields: new Map<string, Value>([
      ['KubeVersion', version],
      ['APIVersions', versions],
      ['HelmVersion', objectValue('version.BuildInfo', 'struct', { fields: helm })],
    ]),
  });
}

interface Parts {
  readonly fields?: GoMap;
  readonly methods?: Readonly<Record<string, Func>>;
  readonly plain?: () => Value;
  readonly text?: () => string;
  readonly isTrue?: () => boolean;
  readonly field?: (name: string) => Value;
}

function objectValue(goType: string, kind: string, parts: Parts): GoObject {
  const { fields = new Map<string, Value>(), methods = {}, plain = () => fields, isTrue = () => true } = parts;
  return {
    goType,
    kind,
    field: parts.field ?? ((name) => fields.get(name)),
    method: methodsFrom(methods),
    text: parts.text ?? (() => printed(plain())),
    isTrue,
    plain,
  };
}
