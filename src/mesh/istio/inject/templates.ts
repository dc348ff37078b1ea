/** The injection templates: which of them a pod gets, and the partial pods that they make. */

import { MeshctlError } from '../../../errors.ts';
import { isBody } from '../../../model/body.ts';
import { getOrInsert } from '../../../model/maps.ts';
import type { Body } from '../../../model/resource.ts';
import { compileTemplate } from '../../../template/engine.ts';
import type { Func, Value } from '../../../template/value.ts';
import { quotedList } from '../../../text/words.ts';
import { parseYaml, YamlProblem } from '../../../text/yaml.ts';
import type { InjectorConfig } from './config.ts';
import { annotationsOf, type Pod } from './pod.ts';
import { InjectProblem } from './problem.ts';

const TEMPLATES = 'inject.istio.io/templates';

/** Characters of a line of output in a message. */
const MOST_SHOWN = 80;

export interface Templates {
  /** Names of those that the pod gets, in their order. */
  namesFor(pod: Pod): readonly string[];
  /** @throws InjectProblem */
  render(name: string, data: Value): Body;
}

/** Every template is read once, when it is first asked for. */
export function templatesOf(
  { templates, defaultTemplates, aliases }: InjectorConfig,
  functions: Readonly<Record<string, Func>>,
): Templates {
  const compiled = new Map<string, (data: Value) => string>();
  const textOf = (name: string): string => {
    const text = templates.get(name);
    if (text !== undefined) return text;
    throw new InjectProblem(
      'unknown-template',
      `The injector has no template "${name}"; it has ${quotedList([...templates.keys()], templates.size)}.`,
    );
  };
  return {
    namesFor(pod) {
      const asked =
        annotationsOf(pod)
          [TEMPLATES]?.split(',')
          .map((name) => name.trim()) ?? defaultTemplates;
      return asked.flatMap((name) => aliases.get(name) ?? [name]);
    },
    render: (name, data) =>
      explained(name, () => {
        const execute = getOrInsert(compiled, name, () => compileTemplate(name, textOf(name), functions));
        return parsed(name, execute(data));
      }),
  };
}

function explained(name: string, work: () => Body): Body {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof MeshctlError)) throw error;
    throw new InjectProblem('template-failed', `The template "${name}" of the injector fails: ${error.message.replace(/\.?$/, '.')}`);
  }
}

function parsed(name: string, text: string): Body {
  try {
    const body = parseYaml(text);
    if (body === undefined) return {};
    if (isBody(body)) return body;
  } catch (error) {
    if (!(error instanceof YamlProblem)) throw error;
    const line = text.split('\n')[error.line - 1]?.trim().slice(0, MOST_SHOWN) ?? '';
    throw new InjectProblem(
      'template-failed',
      `The template "${name}" of the injector makes no YAML for this pod: line ${error.line} of its output, "${line}": ${error.message}`,
    );
  }
  throw new InjectProblem('template-failed', `The template "${name}" of the injector makes no mapping for this pod.`);
}
