import type { Finding, InputError } from '../model/finding.ts';
import { type Resource, type Span, shortKind } from '../model/resource.ts';
import { pathText } from '../text/field-path.ts';
import { clusterPath, repositoryPath, startOf } from './places.ts';

/** Name of the directory that relative addresses start from. */
export const BASE_ID = '%SRCROOT%';

/** GitHub refuses a whole file for one result without a physical location, so objects of a cluster get the address of none. */
export function locationOf({ resource, path = [], position }: Finding): object {
  const artifactLocation = artifact(position ? position.source : clusterPath(resource));
  const region = position ? regionOf(position) : { startLine: 1 };
  return { physicalLocation: { artifactLocation, region }, logicalLocations: [logicalLocation(resource, pathText(path))] };
}

export function relatedLocation(resource: Resource, id: number, text: string): object {
  const start = startOf(resource);
  return {
    id,
    message: { text },
    ...(start && { physicalLocation: { artifactLocation: artifact(start.source), region: { startLine: start.line } } }),
    logicalLocations: [logicalLocation(resource, '')],
  };
}

export function inputLocation({ source, line, column }: InputError): object {
  const region = line === undefined ? undefined : { startLine: line, ...(column !== undefined && { startColumn: column }) };
  return { physicalLocation: { artifactLocation: artifact(source), ...(region && { region }) } };
}

function logicalLocation({ cluster, kind, namespace, name }: Resource, path: string): object {
  const object = [cluster, namespace, shortKind(kind), name].filter((part) => part !== undefined && part !== '').join('/');
  return path === ''
    ? { name, fullyQualifiedName: object, kind: 'resource' }
    : { name: path, fullyQualifiedName: `${object}.${path}`, kind: 'member' };
}

/** Columns count UTF-16 units and the end is exclusive, here as there. An empty span is a place without an end. */
function regionOf({ line, column, endLine, endColumn }: Span): object {
  const isEmpty = endLine === line && endColumn <= column;
  return { startLine: line, startColumn: column, ...(!isEmpty && { endLine, endColumn }) };
}

/** `stdin` and the like are written as relative paths too: the format knows no input without an address. */
export function artifact(source: string): object {
  const path = repositoryPath(source);
  const uri = path.split('/').map(encodeStep).join('/');
  if (/^[A-Za-z]:\//.test(path)) return { uri: `file:///${uri.replace('%3A', ':')}` };
  return path.startsWith('/') ? { uri: `file://${uri}` } : { uri, uriBaseId: BASE_ID };
}

const encodeStep = (step: string): string => encodeURIComponent(step.replace(/\p{Surrogate}/gu, '\ufffd'));
