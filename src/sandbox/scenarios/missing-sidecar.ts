import { bookinfoMesh } from './_bookinfo.ts';
import { VERSION } from './_names.ts';
import type { Scenario } from './_scenario.ts';

export const missingSidecar: Scenario = {
  name: 'missing-sidecar',
  summary: 'bookinfo, but the pod of ratings was created before injection was enabled and has no sidecar',
  options: () => bookinfoMesh({ before: (app) => (app === 'ratings' ? undefined : VERSION) }),
};
