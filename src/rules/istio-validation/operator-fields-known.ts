import { ISTIO_OPERATOR } from '../../mesh/istio/kinds.ts';
import { objectAt } from '../../model/body.ts';
import type { FieldPath } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { nearest } from '../../text/nearest.ts';
import { type Flaw, judging } from './_flaws.ts';

/** An IstioOperator is a file for istioctl, which no cluster has a schema for. */
export const operatorFieldsKnown: Rule = {
  meta: {
    id: 'istio-validation/operator-fields-known',
    aliases: [],
    severity: 'error',
    summary: 'An IstioOperator has fields and components that istioctl knows.',
    why: 'Istioctl refuses the file, so that nothing is installed.',
    inputs: [ISTIO_OPERATOR],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/istio.operator.v1alpha1/',
    since: '0.1.0',
    bad: `
apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
metadata: { name: mesh, namespace: istio-system }
spec:
  components:
    pilots: { enabled: true }
`,
    good: `
apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
metadata: { name: mesh, namespace: istio-system }
spec:
  profile: default
  components:
    pilot: { enabled: true }
`,
    differs: 'Fields inside of components and values are not looked at.',
  },
  check: judging(ISTIO_OPERATOR, function* ({ body }): Iterable<Flaw> {
    yield* unknownFields(body, ['spec'], FIELDS, 'field');
    yield* unknownFields(body, ['spec', 'components'], COMPONENTS, 'component');
  }),
};

const FIELDS = [
  'profile',
  'installPackagePath',
  'hub',
  'tag',
  'namespace',
  'revision',
  'compatibilityVersion',
  'meshConfig',
  'components',
  'values',
  'unvalidatedValues',
];

const COMPONENTS = ['base', 'pilot', 'cni', 'ztunnel', 'istiodRemote', 'ingressGateways', 'egressGateways'];

function* unknownFields(body: unknown, path: FieldPath, known: readonly string[], noun: string): Iterable<Flaw> {
  for (const name of Object.keys(objectAt(body, ...path))) {
    if (known.includes(name)) continue;
    const meant = nearest(name, known);
    yield {
      path: [...path, name],
      part: 'key',
      message: `"${name}" is not a ${noun} of an IstioOperator.`,
      fix: meant === undefined ? `Remove it, or use one of ${known.join(', ')}.` : `Write "${meant}".`,
    };
  }
}
