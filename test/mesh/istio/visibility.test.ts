import { describe, expect, it } from 'vitest';
import { exportScope, isVisible, scopesMeet, serviceExportScope } from '../../../src/mesh/istio/visibility.ts';
import type { Resource } from '../../../src/model/resource.ts';
import { resourcesFrom } from '../../builders.ts';

function only(yaml: string): Resource {
  const [resource] = resourcesFrom(yaml);
  if (!resource) throw new Error(yaml);
  return resource;
}

const virtualService = (exportTo: string): Resource =>
  only(
    `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: { name: reviews, namespace: shop }\nspec: { exportTo: ${exportTo} }`,
  );

const service = (annotation: string): Resource =>
  only(
    `apiVersion: v1\nkind: Service\nmetadata: { name: reviews, namespace: shop, annotations: { networking.istio.io/exportTo: "${annotation}" } }`,
  );

describe('the namespaces that see an object', () => {
  it.each([
    ['[]', ['*']],
    ['null', ['*']],
    ['["*"]', ['*']],
    ['["."]', ['shop']],
    ['[web, "."]', ['web', 'shop']],
    ['[web, "*"]', ['*']],
    ['["~"]', []],
    ['["~", web]', []],
    ['["~", "*"]', ['*']],
    ['[1, web]', ['web']],
    ['web', ['*']],
  ])('are, with exportTo %s, %o', (exportTo, expected) => {
    expect([...exportScope(virtualService(exportTo))]).toEqual(expected);
  });

  it("are the mesh's default when the object says nothing", () => {
    expect([...exportScope(virtualService('[]'), ['.', 'web'])]).toEqual(['shop', 'web']);
    expect([...serviceExportScope(service(''), ['.'])]).toEqual(['shop']);
  });

  it.each([
    ['', ['*']],
    ['.', ['shop']],
    ['web, .', ['web', 'shop']],
    [' web ,', ['web']],
    ['~', []],
    ['*,web', ['*']],
  ])('are, with "%s" on a Service, %o', (annotation, expected) => {
    expect([...serviceExportScope(service(annotation))]).toEqual(expected);
  });

  it.each([
    [['*'], true],
    [['shop'], true],
    [['web', 'shop'], true],
    [['web'], false],
    [[], false],
  ])('%o hold shop: %s', (scope, expected) => {
    expect(isVisible(new Set(scope), 'shop')).toBe(expected);
  });

  it.each([
    [['*'], ['*'], true],
    [['*'], ['web'], true],
    [['*'], [], false],
    [['web', 'shop'], ['lab', 'shop'], true],
    [['web'], ['shop'], false],
    [[], [], false],
  ])('%o and %o have one in common: %s', (left, right, expected) => {
    expect(scopesMeet(new Set(left), new Set(right))).toBe(expected);
    expect(scopesMeet(new Set(right), new Set(left))).toBe(expected);
  });
});
