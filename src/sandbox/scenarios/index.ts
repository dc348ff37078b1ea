/** Every scenario, in the order of `meshctl sandbox --list`. */
import type { Sandboxes } from '../../model/sandbox.ts';
import { sandboxCharts } from '../charts/index.ts';
import { startSandbox } from '../server.ts';
import type { Scenario } from './_scenario.ts';
import { ambient } from './ambient.ts';
import { bookinfo } from './bookinfo.ts';
import { brokenEmojivoto } from './broken-emojivoto.ts';
import { crashLoop } from './crash-loop.ts';
import { deadIstiod } from './dead-istiod.ts';
import { emojivoto } from './emojivoto.ts';
import { empty } from './empty.ts';
import { expiredCertificate } from './expired-certificate.ts';
import { flaky } from './flaky.ts';
import { forbidden } from './forbidden.ts';
import { kuma } from './kuma.ts';
import { missingSidecar } from './missing-sidecar.ts';
import { nack } from './nack.ts';
import { noDebugPages } from './no-debug-pages.ts';
import { slow } from './slow.ts';
import { staleProxy } from './stale-proxy.ts';
import { strictAgainstPlaintext } from './strict-against-plaintext.ts';
import { subsetWithoutPods } from './subset-without-pods.ts';
import { versionSkew } from './version-skew.ts';
import { wrongWebhookCa } from './wrong-webhook-ca.ts';

export const scenarios: readonly Scenario[] = [
  bookinfo,
  ambient,
  staleProxy,
  nack,
  missingSidecar,
  subsetWithoutPods,
  strictAgainstPlaintext,
  crashLoop,
  expiredCertificate,
  wrongWebhookCa,
  versionSkew,
  deadIstiod,
  noDebugPages,
  emojivoto,
  brokenEmojivoto,
  kuma,
  empty,
  forbidden,
  slow,
  flaky,
];

export const sandboxes: Sandboxes = {
  scenarios: scenarios.map(({ name, summary }) => ({ name, summary })),
  start: (name, port) => {
    const scenario = scenarios.find((each) => each.name === name);
    if (!scenario) throw new RangeError(`There is no scenario "${name}".`);
    return startSandbox({ ...scenario.options(), charts: sandboxCharts(), port });
  },
};
