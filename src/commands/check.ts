import { clusterOptions } from './cluster-options.ts';
import type { CommandDeclaration } from './define.ts';

export const check: CommandDeclaration = {
  name: 'check',
  summary: 'tell whether cluster, control plane and proxies are healthy',
  description: [
    'Asks the cluster of the kubeconfig, several checks at once, and names the objects that are not well. Nothing is changed, and nothing is called but the API server and, through it, control planes and proxies.',
    'Every mesh that is found is checked: control plane, injection, certificates, versions, data plane, and configuration as "meshctl analyze" judges it. A check whose prerequisite failed, or that may not read what it needs, is skipped and says why. With Linkerd, its extensions (programs linkerd-NAME on the PATH) are asked for their checks too; --skip extensions leaves them out.',
    'Exit code: 0 when all is well, or only warnings were found; 1 when a check failed (see --fail-on); 2 when the question is wrong; 3 when the cluster cannot be asked at all.',
  ].join('\n\n'),
  options: [
    { flags: '--pre', description: 'ask whether a mesh can be installed; with --mesh, that mesh' },
    { flags: '--proxy', description: 'ask the proxies themselves too: of very many, some from all over the mesh' },
    { flags: '--posture', description: 'go through the checklist of security and operations instead' },
    {
      flags: '--wait <duration>',
      description: 'as long as what is wrong may mend itself, ask again for so long, such as 5m',
      defaultText: 'do not wait',
    },
    {
      flags: '-o, --output <format>',
      description: 'short shows only what is not well; linkerd is what "linkerd check" reads of its extensions',
      choices: ['text', 'short', 'json', 'yaml', 'junit', 'linkerd'],
      defaultText: 'text',
    },
    {
      flags: '--only <check>',
      description: 'run only these checks: ids, categories such as control-plane, names that other tools have for them, or globs',
      completes: 'checks',
      repeats: true,
    },
    { flags: '--skip <check>', description: 'do not run these checks', repeats: true, completes: 'checks' },
    {
      flags: '--fail-on <status>',
      description: 'exit with 1 from this status on',
      choices: ['failed', 'warning', 'never'],
      defaultText: 'failed',
    },
    { flags: '-n, --namespace <namespace>', description: 'judge the workloads and the configuration of this namespace only' },
    {
      flags: '--mesh <mesh>',
      description: 'run the checks of this mesh only, whether it is found or not',
      choices: ['auto', 'istio', 'linkerd', 'kuma', 'consul', 'osm', 'appmesh'],
      defaultText: 'auto, every mesh found in the cluster',
    },
    ...clusterOptions,
  ],
  examples: [
    { command: 'meshctl check', does: 'check everything' },
    { command: 'meshctl check --only control-plane,injection -o short', does: 'see what is wrong with the control plane, if anything' },
    { command: 'meshctl check --pre --mesh istio', does: 'see whether Istio can be installed' },
    { command: 'meshctl check --wait 5m', does: 'wait until a new mesh is up' },
    { command: 'meshctl check --fail-on warning -o junit', does: 'be strict, for a CI system' },
  ],
  load: () => import('./check.run.ts'),
};
