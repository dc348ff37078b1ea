/** Sources → the same sources with their workloads changed. One document at a time is held as more than text. */
import { MeshctlError } from '../errors.ts';
import { isBody, listAt, stringAt } from '../model/body.ts';
import type { InjectOutcome, InjectRequest } from '../model/inject.ts';
import { type Body, isClusterScoped, type Kind, kindOf, type Resource } from '../model/resource.ts';
import { resourceOf } from '../model/resource-of.ts';
import { jsonFault } from '../text/json.ts';
import { editJson } from '../text/json-edit.ts';
import { jsonValue } from '../text/json-value.ts';
import { lineIndex } from '../text/lines.ts';
import { MAX_DEPTH, parseYaml, YamlProblem } from '../text/yaml.ts';
import { editYaml } from '../text/yaml-edit.ts';
import { partsOf, type StreamPart } from './documents.ts';
import { withoutLiveFields } from './live-fields.ts';
import { templatePathOf } from './pod-template.ts';
import type { DocumentError, StreamReport, WorkloadResult } from './report.ts';

export interface Source {
  /** How messages name it: a path, or `stdin`. */
  readonly source: string;
  readonly text: string;
  /** Namespace of objects that name none. */
  readonly namespace: string;
  readonly namespaceGiven: boolean;
}

export interface Transformation {
  /** What becomes of one object. A MeshctlError is the object's own failure. */
  change(request: InjectRequest): InjectOutcome | Promise<InjectOutcome>;
  /** Kinds without a pod template that are changed too. */
  readonly alsoConcerns: readonly Kind[];
  /** The Namespace of that name, where it is known. */
  home(namespace: string): Promise<Resource | undefined>;
}

export interface Transformed extends StreamReport {
  readonly source: string;
  /** Documents that could not be read, and workloads that failed, are as before. */
  readonly after: string;
  readonly changes: readonly DocumentChange[];
}

interface DocumentChange {
  readonly before: string;
  readonly after: string;
  /** Of the source, on which the document begins, counted from 0. */
  readonly line: number;
}

export async function transformed(source: Source, transformation: Transformation): Promise<Transformed> {
  const texts: string[] = [];
  const changes: DocumentChange[] = [];
  const workloads: WorkloadResult[] = [];
  const errors: DocumentError[] = [];
  for (const part of partsOf(source.text)) {
    if (part.is === 'between') {
      texts.push(part.text);
      continue;
    }
    const value = parsed(part, source, errors);
    const after = await changed(value, { source, part, transformation, workloads });
    const edit = part.is === 'json' ? editJson : editYaml;
    const text = value === after ? part.text : edit(part.text, value, after);
    if (text !== part.text) changes.push({ before: part.text, after: text, line: part.line });
    texts.push(text);
  }
  return { source: source.source, after: texts.join(''), changes, workloads, errors };
}

function parsed(part: StreamPart, { source }: Source, errors: DocumentError[]): unknown {
  if (part.is === 'json') {
    const fault = jsonFault(part.text, MAX_DEPTH);
    if (!fault) return jsonValue(part.text);
    const message =
      fault.is === 'duplicate'
        ? `The key "${fault.key}" stands twice in this object.`
        : `The document is nested more than ${MAX_DEPTH} levels deep.`;
    const place = lineIndex(part.text).place(fault.offset);
    errors.push({ source, line: part.line + place.line, column: place.column, message });
    return undefined;
  }
  try {
    return parseYaml(part.text);
  } catch (error) {
    if (!(error instanceof YamlProblem)) throw error;
    errors.push({ source, line: part.line + error.line, column: error.column, message: error.message });
    return undefined;
  }
}

interface Place {
  readonly source: Source;
  readonly part: StreamPart;
  readonly transformation: Transformation;
  readonly workloads: WorkloadResult[];
}

/** The value itself when nothing of it changes. */
async function changed(value: unknown, place: Place): Promise<unknown> {
  if (Array.isArray(value)) return changedItems(value, place);
  if (!isBody(value) || typeof value['apiVersion'] !== 'string' || typeof value['kind'] !== 'string') return value;
  if (value['kind'].endsWith('List') && Array.isArray(value['items'])) {
    const items = await changedItems(listAt(value, 'items'), place);
    return items === value['items'] ? value : { ...value, items };
  }
  return changedObject(value, place);
}

async function changedItems(items: readonly unknown[], place: Place): Promise<readonly unknown[]> {
  const after: unknown[] = [];
  // One after the other, as the report is in the order of the input.
  for (const item of items) after.push(await changed(item, place));
  return after.some((item, index) => item !== items[index]) ? after : items;
}

async function changedObject(object: Body, { source, part, transformation, workloads }: Place): Promise<unknown> {
  const template = templatePathOf(object);
  const kind = kindOf(String(object['apiVersion']), String(object['kind']));
  if (template === undefined && !transformation.alsoConcerns.includes(kind)) return object;
  const name = stringAt(object, 'metadata', 'name') ?? stringAt(object, 'metadata', 'generateName') ?? '';
  const resource = resourceOf(object, name, { ...source, clusterScoped: isClusterScoped(kind) });
  const outcome = await outcomeOf(transformation, {
    object: withoutLiveFields(object),
    template: template ?? [],
    namespace: resource.namespace,
    home: await transformation.home(kind === 'core/Namespace' ? name : resource.namespace),
  });
  // A Service, say, that there is nothing to do about is no workload that was left out.
  if (template === undefined && outcome.action === 'skipped') return object;
  workloads.push({
    resource,
    source: source.source,
    line: part.line + firstLine(part.text),
    action: outcome.action,
    reasons: outcome.reasons,
  });
  return outcome.object ?? object;
}

async function outcomeOf({ change }: Transformation, request: InjectRequest): Promise<InjectOutcome> {
  try {
    return await change(request);
  } catch (error) {
    if (!(error instanceof MeshctlError)) throw error;
    const message = error.hint === undefined ? error.message : `${error.message} ${error.hint}`;
    return { action: 'failed', reasons: [{ code: 'failed', message }] };
  }
}

/** Which line, counted from 1, holds the first key. */
function firstLine(text: string): number {
  const first = /^(?![ \t]*(?:#|\r?$))(?!%)[^\n]*\S/m.exec(text)?.index ?? 0;
  return text.slice(0, first).split('\n').length;
}
