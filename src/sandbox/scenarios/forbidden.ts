import { bookinfoMesh } from './_bookinfo.ts';
import { BOOKINFO } from './_names.ts';
import type { Scenario } from './_scenario.ts';

const READS = ['get', 'list', 'watch'];
const OPEN_GROUPS = ['authorization.k8s.io', 'authentication.k8s.io'];

export const forbidden: Scenario = {
  name: 'forbidden',
  summary: 'bookinfo, seen by a user who may read namespace bookinfo without its Secrets, and nothing else',
  options: () => ({
    ...bookinfoMesh(),
    forbid: ({ verb, group, resource, namespace }) =>
      resource !== '' && !OPEN_GROUPS.includes(group) && !(READS.includes(verb) && namespace === BOOKINFO && resource !== 'secrets'),
  }),
};
