/** The configuration of an injector as texts: given files first, then a chart, then the cluster. */
import { MeshctlError } from '../../../errors.ts';
import type { InjectParameters } from '../../../model/inject.ts';
import { chartTexts } from './chart.ts';
import { type LiveInjector, readLive } from './live.ts';

export interface SourceText {
  readonly text: string;
  /** How messages name it: `"config.yaml"`. */
  readonly where: string;
}

export interface Texts {
  readonly config?: SourceText | undefined;
  readonly values?: SourceText | undefined;
  readonly mesh?: SourceText | undefined;
}

export interface Sources extends Texts {
  readonly config: SourceText;
  readonly values: SourceText;
  readonly live: LiveInjector | undefined;
}

const FLAGS: Readonly<Record<keyof Texts, string>> = { config: 'injector-config', values: 'injector-values', mesh: 'mesh-config' };

/** @throws MeshctlError E_INJECT when something is nowhere */
export async function readSources(parameters: InjectParameters): Promise<Sources> {
  const given: Texts = { config: fileFor('config', parameters), values: fileFor('values', parameters), mesh: fileFor('mesh', parameters) };
  const live = parameters.live && (await readLive(parameters.live, parameters, isComplete(given) || parameters.chart !== undefined));
  const rendered = parameters.chart ? chartTexts(parameters.chart, parameters) : {};
  const { config, values, mesh } = { ...live?.texts, ...defined(rendered), ...defined(given) };
  if (config && values) return { config, values, mesh, live };
  const missing = [...(config ? [] : ['config' as const]), ...(values ? [] : ['values' as const])].map((name) => `"--${FLAGS[name]}"`);
  throw new MeshctlError(
    'E_INJECT',
    `Istio's injector is not configured: ${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing.`,
    {
      hint: 'Give the files, or an istiod chart with "--chart", or a cluster that has a control plane.',
    },
  );
}

function fileFor(name: keyof Texts, { files }: InjectParameters): SourceText | undefined {
  const file = files[FLAGS[name]];
  return file && { text: file.text, where: `"${file.path}"` };
}

const isComplete = ({ config, values }: Texts): boolean => config !== undefined && values !== undefined;

const defined = (texts: Texts): Texts => Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== undefined));
