import type { Scenario } from './_scenario.ts';

export const empty: Scenario = {
  name: 'empty',
  summary: 'a new cluster: one node, and nothing installed',
  options: () => ({}),
};
