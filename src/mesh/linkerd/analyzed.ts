import type { AnalyzedMesh } from '../../model/mesh-adapter.ts';
import { showsEvidence } from '../evidence.ts';
import { liveReads } from './live-reads.ts';

export const analyzedLinkerd: AnalyzedMesh = {
  id: 'linkerd',
  detect: (resources) =>
    showsEvidence(resources, { groups: ['.linkerd.io', 'linkerd.io'], keys: ['linkerd.io/', 'config.linkerd.io/', 'viz.linkerd.io/'] }),
  liveReads,
};
