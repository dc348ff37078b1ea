import { describe, expect, it } from 'vitest';
import { annotationDefinition, annotationNames, isIstioAnnotation, isIstioLabel } from '../../../src/mesh/istio/annotations.ts';

describe('Istio annotations', () => {
  it.each([
    ['proxy.istio.io/config', true],
    ['istio.io/rev', true],
    ['readiness.status.sidecar.istio.io/periodSeconds', true],
    ['kubernetes.io/ingress.class', true],
    ['kubernetes.io/psp', false],
    ['notistio.io/config', false],
    ['example.org/istio.io', false],
    ['istio.io.example.org/config', false],
  ])('take %s for one: %s', (name, expected) => {
    expect(isIstioAnnotation(name)).toBe(expected);
  });

  it('all have names that are recognised as such', () => {
    expect([...annotationNames()].filter((name) => !isIstioAnnotation(name))).toEqual([]);
  });

  it('share no name with a label that is only a label', () => {
    expect([...annotationNames()].filter(isIstioLabel)).toEqual([]);
    expect(isIstioLabel('istio.io/use-waypoint')).toBe(true);
  });

  it('know where they belong, their status and what replaces them', () => {
    expect(annotationDefinition('networking.istio.io/exportTo')).toEqual({
      name: 'networking.istio.io/exportTo',
      status: 'alpha',
      kinds: ['Service'],
      deprecated: undefined,
    });
    expect(annotationDefinition('sidecar.istio.io/inject')?.deprecated).toContain('label "sidecar.istio.io/inject"');
    expect(annotationDefinition('alpha.istio.io/canonical-serviceaccounts')?.deprecated).toBe('');
    expect(annotationDefinition('sidecar.istio.io/Inject')).toBeUndefined();
  });
});
