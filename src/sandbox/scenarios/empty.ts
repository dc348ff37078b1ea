import { installedIstio } from '../installed/istio.ts';
import { installedLinkerd } from '../installed/linkerd.ts';
import { together } from '../programs/together.ts';
import type { Scenario } from './_scenario.ts';

export const empty: Scenario = {
  name: 'empty',
  summary: 'a new cluster: one node, and nothing installed',
  options: () => ({ programs: together(installedIstio, installedLinkerd) }),
};
