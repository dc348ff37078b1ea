import type { MeshAdapter } from '../../model/mesh-adapter.ts';
import { showsEvidence } from '../evidence.ts';
import { postureChecks } from './checks/posture.ts';

export const linkerd: MeshAdapter = {
  id: 'linkerd',
  title: 'Linkerd',
  docs: 'https://linkerd.io/2/',
  detect: (resources) =>
    showsEvidence(resources, { groups: ['.linkerd.io', 'linkerd.io'], keys: ['linkerd.io/', 'config.linkerd.io/', 'viz.linkerd.io/'] }),
  checks: postureChecks,
  extensions: {
    prefix: 'linkerd-',
    label: 'linkerd.io/extension',
    covered: ['viz', 'multicluster'],
    docs: 'https://linkerd.io/2/checks/#extensions',
  },
};
