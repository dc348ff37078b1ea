/** Which objects are judged, by what, and what is loaded for them. */
import { describe, expect, it } from 'vitest';
import type { Resource } from '../../src/model/resource.ts';
import { definitionsFor } from '../../src/structure/definitions.ts';
import { inspect } from '../../src/structure/inspect.ts';
import { resourcesFrom } from '../builders.ts';
import { violationsAmong } from './violations.ts';

const ROUTE = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ratings, namespace: shop }
spec:
  hosts: [ratings]
  http:
    - unknown: true
      timeout: 5 s
      corsPolicy: { allowOrigin: [a] }
      route: [{ destination: { host: ratings } }]
`;

const types = (resources: readonly Resource[]): readonly string[] => violationsAmong(resources).map(({ is }) => is);
const live = (yaml: string): readonly Resource[] => resourcesFrom(yaml).map(({ origin: _, ...resource }) => resource);

const definition = (properties: string): string => `
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: virtualservices.networking.istio.io }
spec:
  group: networking.istio.io
  names: { kind: VirtualService, plural: virtualservices }
  versions:
    - name: v1
      served: true
      schema: { openAPIV3Schema: { type: object, required: [metadata, spec], properties: { metadata: { type: object }, spec: { type: object, properties: ${properties} } } } }
`;

describe('inspect', () => {
  it('says the same as the tests that do not wait', async () => {
    const resources = resourcesFrom(ROUTE);
    expect(await inspect(resources)).toEqual(violationsAmong(resources));
    expect(types(resources)).toEqual(['unknown-field', 'superseded', 'rule']);
  });

  it('loads the definitions of the groups in the input, and no others', async () => {
    expect([...(await definitionsFor(resourcesFrom(ROUTE))).groups.keys()]).toEqual(['networking.istio.io']);
    expect([...(await definitionsFor([])).groups.keys()]).toEqual([]);
  });

  it('passes over what a cluster took by definitions that are not at hand, but tells what is superseded', () => {
    expect(types(live(ROUTE))).toEqual(['superseded']);
    expect(types(live('apiVersion: networking.istio.io/v9\nkind: VirtualService\nmetadata: { name: a }\n'))).toEqual([]);
    expect(types(live('apiVersion: networking.istio.io/v1\nkind: Unknown\nmetadata: { name: a }\n'))).toEqual([]);
  });

  it('judges the fields of a version that does not exist where all versions are alike, or its own if it was there once', () => {
    expect(types(resourcesFrom(ROUTE.replace('/v1', '/v1gamma1')))).toEqual(['unknown-version', 'unknown-field', 'superseded', 'rule']);
    const gone = definition('{ hosts: { type: array, items: { type: string } } }').replace('served: true', 'served: false');
    expect(types(resourcesFrom(ROUTE + gone))).toEqual(['unknown-version', 'unknown-field']);
  });

  it('has nothing to say of groups for objects of a cluster', () => {
    expect(types(live('apiVersion: networking.istio/v1\nkind: VirtualService\nmetadata: { name: a }\n'))).toEqual([]);
  });

  it('judges what a cluster holds by its own definitions when they are at hand', () => {
    expect(types(live(ROUTE + definition('{ hosts: { type: array, items: { type: string } } }')))).toEqual(['unknown-field']);
  });

  it('judges no object of which only the metadata was read, nor one that is only assumed', () => {
    expect(types(resourcesFrom(ROUTE).map((resource) => ({ ...resource, partial: true })))).toEqual([]);
    expect(types(resourcesFrom(ROUTE).map((resource) => ({ ...resource, assumed: true })))).toEqual([]);
  });

  it.each([
    ['a type that is none', '{ spec: { type: { name: [] } } }'],
    ['a field that is no schema', '{ spec: { type: object, properties: { hosts: 5 } } }'],
    ['a list of values that is none', '{ spec: { type: object, enum: a } }'],
    ['a rule without an expression', '{ spec: { type: object, x-kubernetes-validations: [{ message: a }] } }'],
  ])('takes a definition with %s for none', (_what, properties) => {
    expect(types(resourcesFrom(ROUTE + definition(properties)))).toEqual(types(resourcesFrom(ROUTE)));
  });

  it('checks no format that has the name of something else', () => {
    const named =
      '{ hosts: { type: array, items: { type: string, format: constructor } }, http: { x-kubernetes-preserve-unknown-fields: true } }';
    expect(types(resourcesFrom(ROUTE + definition(named)))).toEqual([]);
  });

  it('takes a definition without a schema for none', () => {
    const empty = definition('{}').replace(/schema: .*/, 'schema: {}');
    expect(types(resourcesFrom(ROUTE + empty))).toEqual(['unknown-field', 'superseded', 'rule']);
  });

  it('asks of every object that the labels of its pods are texts', () => {
    const labels = 'spec: { template: { metadata: { labels: { a: false, b: "1" }, annotations: { c: 5, d: } } } }';
    const found = violationsAmong(resourcesFrom(`apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\n${labels}\n`));
    expect(found.map(({ message, fix }) => `${message} ${fix}`)).toEqual([
      'Label "a" is the boolean false, but must be a text. Put it in quotes: "false".',
      'Annotation "c" is the number 5, but must be a text. Put it in quotes: "5".',
    ]);
  });

  it('leaves status and the fields that the API server writes alone', () => {
    const stored = ROUTE.replace(
      'name: ratings,',
      'name: ratings, uid: a, resourceVersion: "1", generation: 2, managedFields: [{ fieldsV1: {} }],',
    );
    expect(types(resourcesFrom(`${stored}status: { conditions: 5 }\n`))).toEqual(types(resourcesFrom(ROUTE)));
  });
});
