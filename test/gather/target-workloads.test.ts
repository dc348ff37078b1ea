import { describe, expect, it } from 'vitest';
import { targetWorkloads } from '../../src/gather/target-workloads.ts';
import { setFrom } from '../builders.ts';

const pod = (name: string, labels: string, ready: boolean, more = ''): string => `---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, labels: {${labels}}${more}}
spec: {containers: [{name: x, image: x}]}
status: {conditions: [{type: Ready, status: "${ready ? 'True' : 'False'}"}]}
`;

const DEPLOYMENT = `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, template: {metadata: {labels: {app: cart}}, spec: {containers: [{name: x, image: x}]}}}
`;
const SERVICE = '---\napiVersion: v1\nkind: Service\nmetadata: {name: cart-svc, namespace: shop}\nspec: {selector: {app: cart}}\n';
const HEADLESS =
  '---\napiVersion: v1\nkind: Service\nmetadata: {name: outside, namespace: shop}\nspec: {type: ExternalName, externalName: example.com}\n';
const PODS = pod('cart-a', 'app: cart', false) + pod('cart-b', 'app: cart', true) + pod('web-a', 'app: web', true);

const names = (text: string, yaml: string, namespace = 'shop'): readonly string[] =>
  targetWorkloads(text, namespace, setFrom(yaml)).workloads.map(({ name }) => name);

describe('targetWorkloads', () => {
  it('finds the pods of what is named, those that are ready first', () => {
    const all = PODS + DEPLOYMENT + SERVICE + HEADLESS;
    expect(names('pod/web-a', all)).toEqual(['web-a']);
    expect(names('web-a', all)).toEqual(['web-a']);
    expect(names('web-a.shop', all, 'other')).toEqual(['web-a']);
    expect(names('deploy/cart', all)).toEqual(['cart-b', 'cart-a']);
    expect(names('svc/cart-svc', all)).toEqual(['cart-b', 'cart-a']);
    expect(names('svc/outside', all)).toEqual([]);
  });

  it('takes templates where there are no pods', () => {
    expect(names('deploy/cart', DEPLOYMENT + SERVICE)).toEqual(['cart']);
    expect(names('svc/cart-svc', DEPLOYMENT + SERVICE)).toEqual(['cart']);
  });

  it('takes a name without a type for whatever has it', () => {
    expect(targetWorkloads('cart', 'shop', setFrom(PODS + DEPLOYMENT)).target.kind).toBe('apps/Deployment');
    expect(targetWorkloads('cart-svc', 'shop', setFrom(PODS + SERVICE)).target.kind).toBe('core/Service');
  });

  it('leaves out pods that are on their way out', () => {
    expect(
      names(
        'svc/cart-svc',
        SERVICE + pod('cart-a', 'app: cart', true, ', deletionTimestamp: "2026-01-01T00:00:00Z"') + pod('cart-b', 'app: cart', false),
      ),
    ).toEqual(['cart-b']);
  });

  it.each([
    ['pod/web-x', 'shop', 'There is no Pod "web-x"', 'Did you mean "web-a"'],
    ['web', 'shop', 'There is no pod, workload or service "web"', 'Did you mean "web-a"'],
    ['svc/cart-svc', 'other', 'There is no Service "cart-svc" in namespace "other"', 'add -n shop'],
    ['secret/x', 'shop', 'names no workload', 'TYPE/NAME'],
  ])('%s in %s: %s', (text, namespace, message, hint) => {
    try {
      targetWorkloads(text, namespace, setFrom(PODS + SERVICE));
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ message: expect.stringContaining(message), hint: expect.stringContaining(hint) });
    }
  });
});
