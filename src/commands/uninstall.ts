import { clusterOptions } from './cluster-options.ts';
import type { CommandDeclaration } from './define.ts';
import { MESHES_TO_INSTALL, meshArgument } from './install-options.ts';

export const uninstall: CommandDeclaration = {
  name: 'uninstall',
  summary: 'remove what install or helm put into the cluster, and tell what is left',
  description: [
    'Removes exactly what the releases of the mesh hold, in safe order: webhooks first, so that nothing refuses what follows. It shows what goes, and asks.',
    'Definitions (CRDs) and the configuration in them stay unless --crds is given, and so do namespaces unless --namespaces is given. What the mesh itself made, such as its authority, is listed as left over.',
    'Exit code: 0 when it is removed, or was shown; 1 when it failed or was declined; 2 when the question is wrong, or nobody can be asked and --yes is missing; 3 when the cluster cannot be reached; 130 after Ctrl-C.',
  ].join('\n\n'),
  argument: meshArgument,
  options: [
    { flags: '--mesh <mesh>', description: 'the mesh, in place of the argument', choices: MESHES_TO_INSTALL },
    { flags: '--revision <revision>', description: 'remove the control plane of this revision only' },
    { flags: '-n, --namespace <namespace>', description: 'remove the releases of this namespace only' },
    { flags: '--crds', description: "remove the mesh's definitions too, and with them all configuration of their kinds" },
    { flags: '--namespaces', description: "remove the mesh's namespaces too, with all that is in them" },
    { flags: '--dry-run', description: 'show what would go, and stop' },
    { flags: '--timeout <duration>', description: 'how long each component may take to go', defaultText: '5m' },
    { flags: '-y, --yes', description: 'do not ask' },
    { flags: '-o, --output <format>', description: 'of what goes, or went', choices: ['text', 'json', 'yaml'], default: 'text' },
    ...clusterOptions,
  ],
  examples: [
    { command: 'meshctl uninstall istio', does: 'show what goes, ask, and remove it' },
    { command: 'meshctl uninstall linkerd --crds --namespaces --yes', does: 'remove every trace' },
    { command: 'meshctl uninstall istio --revision 1-29', does: 'remove the old control plane after a canary upgrade' },
  ],
  load: () => import('./uninstall.run.ts'),
};
