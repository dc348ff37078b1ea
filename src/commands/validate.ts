import { analyze } from './analyze.ts';
import type { CommandDeclaration } from './define.ts';
import { inputOptions } from './input-options.ts';

/** What `analyze` takes and a run without a cluster, and without looking from one object to another, has a use for. */
const SHARED = [
  '--output',
  '--fail-on',
  '--min-severity',
  '--rule',
  '--skip-rule',
  '--namespace',
  '--include',
  '--exclude',
  '--suppress',
  '--baseline',
  '--write-baseline',
  '--fix',
  '--fix-dry-run',
  '--prune-baseline',
  '--config',
];

export const validate: CommandDeclaration = {
  name: 'validate',
  summary: 'tell whether manifests would be accepted',
  description: [
    "Holds each object against the definition of its kind, as the API server would: unknown fields, wrong types, missing fields, values out of bounds, fields that exclude each other, the definition's own rules, kinds and versions that are not served. Objects of Istio are judged by what istiod's webhook would refuse or warn of, too.",
    'Knows the kinds of Istio, the Gateway API, Linkerd, Kuma, Consul, SMI, Open Service Mesh and App Mesh; a CustomResourceDefinition in the input counts instead of what is known of its kind. Objects of other kinds pass.',
    'Every object is judged by itself and no cluster is contacted; "meshctl analyze" does the same and looks at how objects fit together.',
    'Exit code: 0 when nothing at or above --fail-on was found, 1 when something was, 2 when the input or the question is broken.',
  ].join('\n\n'),
  argument: { name: '[input...]', description: 'files, directories, or - for standard input', completes: 'files' },
  options: [...inputOptions, ...analyze.options.filter(({ flags }) => SHARED.some((name) => flags.split(/[ ,]+/).includes(name)))],
  examples: [
    { command: 'meshctl validate k8s/', does: 'validate every manifest below a folder' },
    { command: 'helm template shop ./chart | meshctl validate -', does: 'validate what a chart renders' },
    { command: 'kubectl kustomize overlays/prod | meshctl validate -', does: 'validate what a kustomization makes' },
    { command: 'meshctl validate k8s/ --fix-dry-run', does: 'see which outdated fields and values --fix would replace' },
    { command: 'meshctl validate k8s/ -o junit=validate.xml', does: 'one test case for each object, for a pipeline' },
  ],
  load: () => import('./validate.run.ts'),
};
