/** Flags of every command that talks to a cluster, named as kubectl names them. */
import type { OptionRow } from './define.ts';

export const clusterOptions: readonly OptionRow[] = [
  { flags: '--kubeconfig <file>', description: 'kubeconfig file (default: $KUBECONFIG, then ~/.kube/config)' },
  { flags: '--context <name>', description: 'context of the kubeconfig (default: the current one)', completes: 'nothing' },
  { flags: '--as <user>', description: 'act as this user', completes: 'nothing' },
  { flags: '--as-group <group>', description: 'act as a member of this group', repeats: true, completes: 'nothing' },
  {
    flags: '--request-timeout <duration>',
    description: 'how long one request to the cluster may take, such as 10s; 0 is no limit (default: 30s)',
    completes: 'nothing',
  },
];
