/** Text → resources. What cannot be read becomes an error or a notice; the rest is kept. */

import { MeshctlError } from '../errors.ts';
import { at, isBody, listAt, stringAt } from '../model/body.ts';
import type { InputError } from '../model/finding.ts';
import {
  type Body,
  type FieldPath,
  isClusterScoped,
  type Kind,
  kindOf,
  type Origin,
  type Resource,
  type Span,
  shortKind,
} from '../model/resource.ts';
import { resourceOf } from '../model/resource-of.ts';
import { splitDocuments, splitList, type TextPart } from '../text/documents.ts';
import { jsonFault, locateInJson } from '../text/json.ts';
import { type LineIndex, lineIndex } from '../text/lines.ts';
import { hasTemplateActions } from '../text/template-actions.ts';
import { count } from '../text/words.ts';
import { locateInYaml, MAX_DEPTH, type NodeRange, parseYaml, YamlProblem } from '../text/yaml.ts';

/** Input that was passed over on purpose. */
export interface Notice {
  readonly source: string;
  readonly reason: string;
}

export interface ReadResult {
  readonly resources: readonly Resource[];
  readonly errors: readonly InputError[];
  readonly notices: readonly Notice[];
}

export interface ReadOptions {
  /** Namespace of objects that name none. */
  readonly namespace: string;
  /** True when that namespace was asked for, so that reports may print it. */
  readonly namespaceGiven: boolean;
  readonly cluster?: string | undefined;
  /** True for a file that nobody named: what is no manifest, such as data of the application, may lie in any directory. */
  readonly found?: boolean | undefined;
}

/** What every Kubernetes object has, in YAML or JSON. */
const MANIFEST = /\bapiVersion["']?[ \t]*:/;

interface ParsedPart extends TextPart {
  readonly format: 'yaml' | 'json';
  readonly value: unknown;
  /** The document that it is, or is an item of, and the way to it from there. */
  readonly document: TextPart;
  readonly steps: FieldPath;
}

interface Source {
  readonly name: string;
  readonly text: string;
}

/** @param source the name by which messages call the text: a path as the user wrote it, or `stdin` */
export function readText(text: string, source: string, options: ReadOptions): ReadResult {
  const resources: Resource[] = [];
  const errors: InputError[] = [];
  let withoutKind = 0;
  let hasPatch = false;
  let isTemplate = false;
  const locators = lastLocator();

  const add = (value: unknown, part: ParsedPart, path: FieldPath): void => {
    const items = expandable(value);
    if (items) {
      for (const [index, item] of items.entries()) add(item, part, [...path, 'items', index]);
      return;
    }
    if (!isBody(value) || typeof value['apiVersion'] !== 'string' || typeof value['kind'] !== 'string') {
      withoutKind++;
      return;
    }
    // A kustomization is about files, and says what it has to say when its directory is read.
    if (value['apiVersion'].startsWith('kustomize.config.k8s.io/')) return;
    // It stands in no object, and says that this one is to be merged into another, or takes it away.
    if ('$patch' in value) {
      hasPatch = true;
      return;
    }
    const origin = originOf({ name: source, text }, part, path, locators);
    const resource = toResource(value, origin, options);
    if (typeof resource === 'string') errors.push({ source, line: origin.line, column: 1, message: resource });
    else if (resource) resources.push(resource);
    else withoutKind++;
  };

  for (const part of parseParts(text)) {
    if ('value' in part) {
      if (part.value !== undefined) add(part.value, part, []);
    } else if (hasTemplateActions(part.text)) isTemplate = true;
    else if (options.found && !MANIFEST.test(text)) withoutKind++;
    else errors.push({ source, ...part.error });
  }

  // In a template even the documents that do parse may stand inside a condition.
  if (isTemplate)
    return {
      resources: [],
      errors: [],
      notices: [{ source, reason: 'is a Helm template; use the output of "helm template" instead' }],
    };
  const notices = [
    ...(withoutKind > 0 ? [{ source, reason: `holds ${count(withoutKind, 'document')} without apiVersion, kind and name` }] : []),
    ...(hasPatch ? [{ source, reason: 'holds a patch of a kustomization ("$patch"); use the output of "kubectl kustomize" instead' }] : []),
  ];
  return { resources, errors, notices };
}

/**
 * Reads one document that is no Kubernetes object, such as a MeshConfig, as a resource of the given kind.
 * @throws MeshctlError E_INPUT when it does not parse, or is something else
 */
export function readDocument(text: string, source: string, kind: Kind): Resource {
  const [part] = parseParts(text);
  if (part && !('value' in part)) {
    const { line, column, message } = part.error;
    throw new MeshctlError('E_INPUT', `${source}:${line}:${column}: ${message}`);
  }
  const body = part?.value ?? {};
  if (!isBody(body) || 'apiVersion' in body) {
    throw new MeshctlError('E_INPUT', `"${source}" is not a ${shortKind(kind)}.`, {
      hint: `It must hold the fields of a ${shortKind(kind)} at its top level. Kubernetes objects are named as inputs instead.`,
    });
  }
  const origin = part && originOf({ name: source, text }, part, [], lastLocator());
  const name = shortKind(kind);
  return { kind, apiVersion: 'istio.io/v1alpha1', namespace: '', namespaceGiven: false, name, labels: {}, annotations: {}, body, origin };
}

type FailedPart = TextPart & { readonly error: { readonly line: number; readonly column: number; readonly message: string } };

function* parseParts(text: string): Iterable<ParsedPart | FailedPart> {
  const json = parseJsonText(text);
  if (json) {
    yield json;
    return;
  }
  for (const document of splitDocuments(text)) {
    // A list that does not come apart cleanly is read whole, so that the error is about the list.
    const items = splitList(document);
    if (items) for (const [index, item] of items.entries()) yield parsePart(item, document, ['items', index]);
    else yield parsePart(document, document, []);
  }
}

function parsePart(part: TextPart, document: TextPart, steps: FieldPath): ParsedPart | FailedPart {
  try {
    return { ...part, format: 'yaml', value: parseYaml(part.text), document, steps };
  } catch (error) {
    if (!(error instanceof YamlProblem)) throw error;
    return { ...part, error: { line: part.line + error.line, column: error.column, message: error.message } };
  }
}

/** JSON is YAML too, but the JSON parser is many times as fast on a large `kubectl get -o json`. */
function parseJsonText(text: string): ParsedPart | FailedPart | undefined {
  const first = /^\uFEFF?\s*([[{])/.exec(text)?.[1];
  if (first === undefined) return undefined;
  const clean = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  let value: unknown;
  try {
    value = JSON.parse(clean);
  } catch {
    return undefined;
  }
  const part: TextPart = { text: clean, line: 0, offset: text.length - clean.length };
  const fault = jsonFault(clean, MAX_DEPTH);
  if (fault) {
    const message =
      fault.is === 'duplicate'
        ? `The key "${fault.key}" stands twice in this object.`
        : `The document is nested more than ${MAX_DEPTH} levels deep.`;
    return { ...part, error: { ...lineIndex(clean).place(fault.offset), message } };
  }
  return { ...part, format: 'json', value, document: part, steps: [] };
}

/** The items of a `kind: List`, or of a `PodList` and its like. */
function expandable(value: unknown): readonly unknown[] | undefined {
  if (!isBody(value) || !stringAt(value, 'kind')?.endsWith('List') || !Array.isArray(value['items'])) return undefined;
  return listAt(value, 'items');
}

/** Read by command-line tools from files; they need no name there. */
const NAMELESS: ReadonlySet<Kind> = new Set(['install.istio.io/IstioOperator']);

/** @returns undefined for what is no Kubernetes object after all, a message for one that is broken */
function toResource(body: Body, origin: Origin, options: ReadOptions): Resource | string | undefined {
  if (!isBody(body['metadata'])) return undefined;
  const name = stringAt(body, 'metadata', 'name') ?? stringAt(body, 'metadata', 'generateName');
  const kind = kindOf(String(body['apiVersion']), String(body['kind']));
  if (name === undefined) return NAMELESS.has(kind) ? undefined : namelessReason(body);
  return resourceOf(body, name, { ...options, clusterScoped: isClusterScoped(kind), origin });
}

/** YAML reads `name: on` as a boolean and `name: 12` as a number, and the API server then refuses the object. */
function namelessReason(body: Body): string {
  const name = at(body, ['metadata', 'name']);
  if (typeof name !== 'boolean' && typeof name !== 'number') return `This ${body['kind']} has no metadata.name.`;
  return `The metadata.name of this ${body['kind']} is the ${typeof name} ${name}; put it in quotes to make it a text.`;
}

interface Locators {
  /** Costs one more parse of the part. */
  nodes(part: ParsedPart): { find(path: FieldPath): NodeRange };
  lines(part: ParsedPart): LineIndex;
  directives(part: ParsedPart): ReturnType<Origin['directives']>;
}

/** Keeps only what was made last: findings are located and shown in the order of their documents. */
function lastLocator(): Locators {
  const lines = remembered((part) => lineIndex(part.text));
  return {
    nodes: remembered((part) => (part.format === 'json' ? locateInJson(part.text) : locateInYaml(part.text))),
    lines,
    // A part may hold thousands of objects, so it is searched once for all of them. JSON has no comments.
    directives: remembered((part) =>
      part.format === 'yaml' && part.text.includes('meshctl-ignore') ? directivesIn(part, lines(part)) : [],
    ),
  };
}

function remembered<T>(make: (part: ParsedPart) => T): (part: ParsedPart) => T {
  let last: { readonly part: ParsedPart; readonly value: T } | undefined;
  return (part) => {
    if (last?.part !== part) last = { part, value: make(part) };
    return last.value;
  };
}

const DIRECTIVE = /#[ \t]*(meshctl-ignore\b[^\r\n]*)/g;

function originOf({ name: source, text }: Source, part: ParsedPart, prefix: FieldPath, locators: Locators): Origin {
  const span = ({ start, end }: { readonly start: number; readonly end: number }): Span => {
    const { place } = locators.lines(part);
    const from = place(start);
    const to = place(end);
    return { source, line: part.line + from.line, column: from.column, endLine: part.line + to.line, endColumn: to.column };
  };
  const { document, steps } = part;
  return {
    source,
    document: { text, start: document.offset, end: document.offset + document.text.length, path: [...steps, ...prefix] },
    // Inside JSON and lists that were not cut apart the object begins somewhere in its part.
    get line() {
      return prefix.length > 0 ? span(locators.nodes(part).find(prefix).value).line : part.line + linesBefore(part.text);
    },
    locate(path, wanted) {
      const found = locators.nodes(part).find([...prefix, ...path]);
      const range = found.key && (wanted === 'key' || found.isCollection) ? found.key : found.value;
      // A collection without a key is an item of a list: its first character is place enough.
      return span(found.isCollection && range === found.value ? { start: range.start, end: range.start } : range);
    },
    lines(from, to) {
      const { line } = locators.lines(part);
      const numbers = Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index - part.line);
      // Other objects on the same line, such as a Secret in compact JSON, are nobody's business here.
      const own = prefix.length > 0 ? locators.nodes(part).find(prefix).value : { start: 0, end: part.text.length };
      return numbers
        .filter((number) => number > 0)
        .map((number) => {
          const { text, start } = line(number);
          const before = text.slice(0, Math.max(0, own.start - start));
          return before.replace(/\S/g, ' ') + text.slice(before.length, Math.max(before.length, own.end - start));
        });
    },
    directives() {
      const all = locators.directives(part);
      if (all.length === 0 || prefix.length === 0) return all;
      const { line, endLine } = span(locators.nodes(part).find(prefix).value);
      return all.filter((directive) => directive.line >= line && directive.line <= endLine);
    },
  };
}

function directivesIn(part: ParsedPart, { place }: LineIndex): ReturnType<Origin['directives']> {
  return [...part.text.matchAll(DIRECTIVE)].map((match) => {
    const { line, column } = place(match.index);
    const before = part.text.slice(match.index - column + 1, match.index);
    return { line: part.line + line, alone: before.trim() === '', text: match[1] ?? '' };
  });
}

/** Which line, counted from 1, holds the first key of the document. */
function linesBefore(text: string): number {
  const first = /^(?![ \t]*(?:#|\r?$))(?!%)[^\n]*\S/m.exec(text)?.index ?? 0;
  return text.slice(0, first).split('\n').length;
}
