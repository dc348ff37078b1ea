import { together } from '../programs/together.ts';
import { INJECTION, kumaCertificates, kumaObjects } from './_kuma.ts';
import { injectedByKuma, kumaControlPlane, kumaWebhooks } from './_kuma-control-plane.ts';
import { kumaProxies } from './_kuma-proxies.ts';
import { deployment, namespace, service, serviceAccount, type Written } from './_objects.ts';
import type { Scenario } from './_scenario.ts';

const DEMO = 'kuma-demo';

/** A counter and the store that it counts in. */
const APPS: Readonly<Record<string, { readonly image: string; readonly port: number }>> = {
  'demo-app': { image: 'ghcr.io/kumahq/kuma-counter-demo:main', port: 5050 },
  kv: { image: 'ghcr.io/kumahq/kuma-counter-demo:main', port: 5051 },
};

const application = ([app, { image, port }]: readonly [string, (typeof APPS)[string]]): readonly Written[] => [
  serviceAccount(DEMO, app),
  service(DEMO, app, { app }, [{ name: 'http', port }]),
  deployment(DEMO, app, {
    labels: { app },
    serviceAccountName: app,
    containers: [{ name: app, image, ports: [{ containerPort: port }] }],
  }),
];

export const kuma: Scenario = {
  name: 'kuma',
  summary: 'a healthy Kuma mesh with mutual TLS and the counter demo, its sidecars connected to the control plane',
  options: () => {
    const certificates = kumaCertificates();
    return {
      objects: [...kumaObjects(certificates), namespace(DEMO, { [INJECTION]: 'enabled' }), ...Object.entries(APPS).flatMap(application)],
      before: injectedByKuma,
      programs: together(kumaControlPlane, kumaWebhooks(certificates.serving), kumaProxies),
    };
  },
};
