/**
 * Renders the templates of a chart as Helm does. Pure: what a template may ask of the world is handed in.
 * @see https://helm.sh/docs/chart_template_guide/
 */
import { MeshctlError } from '../errors.ts';
import { func } from './builtins.ts';
import { type Budget, execute, MOST_DEPTH, type Program, TOO_DEEP } from './execute.ts';
import { CallError } from './failure.ts';
import { functions } from './functions/index.ts';
import type { Definition } from './nodes.ts';
import { isBlank, parse } from './parse.ts';
import { type Func, type GoMap, isNil, type Value } from './value.ts';

export interface TemplateFile {
  /** `chart/templates/deployment.yaml`; a name that begins with `_` is not rendered, and only defines. */
  readonly name: string;
  readonly text: string;
  /** What the dot is; `Template` is added. */
  readonly data: GoMap;
  /** `chart/templates`. */
  readonly basePath: string;
}

export interface RenderOptions {
  /** Objects of the cluster; without it there are none. */
  readonly lookup?: (apiVersion: string, kind: string, namespace: string, name: string) => Value;
  readonly functions?: Readonly<Record<string, Func>>;
  /** Other bounds than the usual ones. */
  readonly limits?: Partial<Budget>;
}

/** A chart of hundreds of templates takes some hundred thousand steps. */
const MOST_STEPS = 20_000_000;
const MOST_CHARACTERS = 64 * 1024 * 1024;
const MOST_WORK = 256 * 1024 * 1024;

/**
 * A template of its own, read once for many executions. Unlike in charts a missing key is no value, of which fields may
 * be asked, and what has no value prints as `<no value>`.
 * @throws MeshctlError E_TEMPLATE, as the function that it returns does
 */
export function compileTemplate(name: string, text: string, own: Readonly<Record<string, Func>>): (data: Value) => string {
  const budget: Budget = { steps: 0, characters: 0, work: 0 };
  const rendering = new Rendering(budget, { functions: own }, new Map());
  rendering.add(name, text);
  return (data) => {
    budget.steps = MOST_STEPS;
    budget.characters = MOST_CHARACTERS;
    budget.work = MOST_WORK;
    return rendering.execute(name, data, 'none');
  };
}

/**
 * @returns the output of every file that is rendered, by its name
 * @throws MeshctlError E_TEMPLATE with place and expression
 */
export function renderFiles(files: readonly TemplateFile[], options: RenderOptions = {}): ReadonlyMap<string, string> {
  const budget: Budget = { steps: MOST_STEPS, characters: MOST_CHARACTERS, work: MOST_WORK, ...options.limits };
  const rendering = new Rendering(budget, options, new Map());
  // Deep files first: what the chart above defines takes the place of what its dependencies define.
  const sorted = [...files].sort((left, right) => depthOf(right.name) - depthOf(left.name) || (left.name < right.name ? 1 : -1));
  for (const { name, text } of sorted) rendering.add(name, text);
  const outputs = new Map<string, string>();
  for (const { name, data, basePath } of sorted) {
    if (name.slice(name.lastIndexOf('/') + 1).startsWith('_')) continue;
    // The templates of a chart share their data: what one sets, those after it see.
    data.set(
      'Template',
      new Map([
        ['Name', name],
        ['BasePath', basePath],
      ]),
    );
    outputs.set(name, rendering.run(name, data));
  }
  return outputs;
}

const depthOf = (name: string): number => name.split('/').length;

/** Templates that know each other, with the functions that call them. */
class Rendering {
  readonly #budget: Budget;
  readonly #options: RenderOptions;
  readonly #templates: Map<string, Definition>;
  readonly #functions: ReadonlyMap<string, Func>;
  /** How many calls of `include` and `tpl` are under way. */
  #depth: number;

  constructor(budget: Budget, options: RenderOptions, templates: Map<string, Definition>, depth = 0) {
    this.#budget = budget;
    this.#options = options;
    this.#templates = templates;
    this.#depth = depth;
    this.#functions = new Map([
      ...functions,
      ...Object.entries({
        include: func(['string', 'interface {}'], (name: string, data: Value) => this.#include(name, data)),
        tpl: func(['string', 'interface {}'], (text: string, data: Value) => this.#tpl(text, data)),
        required: func(['string', 'interface {}'], (warning: string, value: Value) => {
          if (isNil(value) || value === '') throw new CallError(warning);
          return value;
        }),
        fail: func(['string'], (message: string) => {
          throw new CallError(message);
        }),
        lookup: func(['string', 'string', 'string', 'string'], (apiVersion: string, kind: string, namespace: string, name: string) =>
          options.lookup ? options.lookup(apiVersion, kind, namespace, name) : new Map(),
        ),
        // Charts reach no network.
        getHostByName: func(['string'], () => ''),
        ...options.functions,
      }),
    ]);
  }

  add(name: string, text: string): void {
    for (const definition of parse(name, text, (each) => this.#functions.has(each))) {
      if (!isBlank(definition.body) || !this.#templates.has(definition.name)) this.#templates.set(definition.name, definition);
    }
  }

  run(name: string, data: Value): string {
    return this.execute(name, data, 'nil').replaceAll('<no value>', '');
  }

  execute(name: string, data: Value, missingKey: Program['missingKey']): string {
    const definition = this.#templates.get(name);
    if (!definition) throw new CallError(`no template ${JSON.stringify(name)}`);
    try {
      return execute({ ...this.#program(), missingKey }, definition, data);
    } catch (error) {
      // The stack has ended.
      throw error instanceof RangeError ? new MeshctlError('E_TEMPLATE', `${name}: the template is nested too deeply.`) : error;
    }
  }

  #program(): Program {
    return { templates: this.#templates, functions: this.#functions, budget: this.#budget, depth: this.#depth, missingKey: 'nil' };
  }

  #include(name: string, data: Value): string {
    return this.#deeper(() => {
      const definition = this.#templates.get(name);
      if (!definition) throw new CallError(`no template ${JSON.stringify(name)} associated with template "gotpl"`);
      return execute(this.#program(), definition, data);
    });
  }

  /** What the text defines is known to itself only. */
  #tpl(text: string, data: Value): string {
    return this.#deeper(() => {
      const inner = new Rendering(this.#budget, this.#options, new Map(this.#templates), this.#depth);
      try {
        inner.add('tpl', text);
      } catch (error) {
        throw error instanceof MeshctlError ? new CallError(`the text is no template: ${error.message}`) : error;
      }
      return inner.run('tpl', data);
    });
  }

  #deeper(work: () => string): string {
    if (this.#depth >= MOST_DEPTH) throw new CallError(TOO_DEEP);
    this.#depth++;
    try {
      return work();
    } finally {
      this.#depth--;
    }
  }
}
