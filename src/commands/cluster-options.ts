/** Flags of every command that talks to a cluster, named as kubectl names them. */
import type { OptionRow } from './define.ts';

export const clusterOptions: readonly OptionRow[] = [
  { flags: '--kubeconfig <file>', description: 'kubeconfig file', defaultText: '$KUBECONFIG, then ~/.kube/config' },
  { flags: '--context <name>', description: 'context of the kubeconfig', defaultText: 'the current one' },
  { flags: '--as <user>', description: 'act as this user' },
  { flags: '--as-group <group>', description: 'act as a member of this group', repeats: true },
  {
    flags: '--request-timeout <duration>',
    description: 'how long one request to the cluster may take, such as 10s; 0 is no limit',
    defaultText: '30s',
  },
];
