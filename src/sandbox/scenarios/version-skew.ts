import { bookinfoMesh } from './_bookinfo.ts';
import { VERSION } from './_names.ts';
import type { Scenario } from './_scenario.ts';

const OLD = '1.27.3';

export const versionSkew: Scenario = {
  name: 'version-skew',
  summary: `bookinfo, but the pods of details and ratings still run the proxy of ${OLD} beside a control plane of ${VERSION}`,
  options: () => bookinfoMesh({ before: (app) => (app === 'details' || app === 'ratings' ? OLD : VERSION) }),
};
