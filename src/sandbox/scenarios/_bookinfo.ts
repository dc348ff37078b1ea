/** The bookinfo application in an Istio mesh. Scenarios are this with something changed. */
import { istioPrograms, type MeshPrograms } from '../istio/programs.ts';
import type { SandboxOptions } from '../options.ts';
import { together } from '../programs/together.ts';
import { bookinfoApplication } from './_bookinfo-application.ts';
import { injectedBefore, istiodWebhooks } from './_injector.ts';
import { authority, type ControlPlane, istioObjects } from './_istio.ts';
import { BOOKINFO, FATE, ROOT_NAMESPACE } from './_names.ts';
import { deployment, type Labels, namespace, object, service, serviceAccount, type Written } from './_objects.ts';

export interface Changes {
  readonly istiod?: ControlPlane['istiod'];
  readonly settings?: ControlPlane['settings'];
  readonly webhookAuthority?: string;
  /** The proxy that the pods of an app got before the sandbox opened; undefined for none. The current one when absent. */
  readonly before?: (app: string) => string | undefined;
  /** Deployments whose pods crash, with the last lines of their log. */
  readonly crashing?: Labels;
  /** Replaces what it gives something for, of the application's own objects. */
  readonly replace?: (object: Written) => Written | undefined;
  readonly more?: readonly Written[];
  readonly stale?: MeshPrograms['stale'];
}

const APPS: Readonly<Record<string, readonly string[]>> = {
  productpage: ['v1'],
  details: ['v1'],
  ratings: ['v1'],
  reviews: ['v1', 'v2', 'v3'],
};

/** Who calls whom; the gateway calls the page. */
const CALLERS: Readonly<Record<string, string>> = {
  productpage: `${ROOT_NAMESPACE}/sa/istio-ingressgateway-service-account`,
  details: `${BOOKINFO}/sa/bookinfo-productpage`,
  reviews: `${BOOKINFO}/sa/bookinfo-productpage`,
  ratings: `${BOOKINFO}/sa/bookinfo-reviews`,
};

function application(app: string, versions: readonly string[], crashing: Labels): readonly Written[] {
  const account = `bookinfo-${app}`;
  const deployments = versions.map((version) => {
    const name = `${app}-${version}`;
    const log = crashing[name];
    return deployment(BOOKINFO, name, {
      labels: { app, version },
      annotations: log === undefined ? {} : { [FATE]: 'CrashLoopBackOff', 'sandbox.meshctl.dev/log': log },
      serviceAccountName: account,
      containers: [{ name: app, image: `docker.io/istio/examples-bookinfo-${app}-${version}:1.20.3`, ports: [{ containerPort: 9080 }] }],
    });
  });
  return [serviceAccount(BOOKINFO, account), service(BOOKINFO, app, { app }, [{ name: 'http', port: 9080 }]), ...deployments];
}

const networking = (kind: string, name: string, spec: object): Written => object('networking.istio.io/v1', kind, BOOKINFO, name, { spec });
const security = (kind: string, name: string, spec: object): Written => object('security.istio.io/v1', kind, BOOKINFO, name, { spec });

export const destinationRule = (app: string, subsets: readonly string[], trafficPolicy: object = {}): Written =>
  networking('DestinationRule', app, {
    host: app,
    trafficPolicy: { connectionPool: { http: { http2MaxRequests: 1000 } }, ...trafficPolicy },
    subsets: subsets.map((version) => ({ name: version, labels: { version } })),
  });

/** @param weights of the subsets of reviews */
export const reviewsRoute = (weights: Readonly<Record<string, number>>): Written =>
  networking('VirtualService', 'reviews', {
    hosts: ['reviews'],
    http: [{ route: Object.entries(weights).map(([subset, weight]) => ({ destination: { host: 'reviews', subset }, weight })) }],
  });

function configuration(): readonly Written[] {
  const page = ['/productpage', '/login', '/logout'].map((exact) => ({ uri: { exact } }));
  const rest = ['/static', '/api/v1/products'].map((prefix) => ({ uri: { prefix } }));
  return [
    networking('Gateway', 'bookinfo-gateway', {
      selector: { istio: 'ingressgateway' },
      servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['bookinfo.example.com'] }],
    }),
    networking('VirtualService', 'bookinfo', {
      hosts: ['bookinfo.example.com'],
      gateways: ['bookinfo-gateway'],
      http: [{ match: [...page, ...rest], route: [{ destination: { host: 'productpage', port: { number: 9080 } } }] }],
    }),
    reviewsRoute({ v1: 80, v2: 10, v3: 10 }),
    ...Object.entries(APPS).map(([app, versions]) => destinationRule(app, versions)),
    security('PeerAuthentication', 'default', { mtls: { mode: 'STRICT' } }),
    ...Object.entries(CALLERS).map(([app, caller]) =>
      security('AuthorizationPolicy', `${app}-viewer`, {
        selector: { matchLabels: { app } },
        action: 'ALLOW',
        rules: [{ from: [{ source: { principals: [`cluster.local/ns/${caller}`] } }], to: [{ operation: { methods: ['GET'] } }] }],
      }),
    ),
  ];
}

export function bookinfoMesh(changes: Changes = {}): SandboxOptions {
  const { istiod, settings, webhookAuthority, before, crashing = {}, replace = () => undefined, more = [], stale } = changes;
  const own = authority();
  const app = [
    namespace(BOOKINFO, { 'istio-injection': 'enabled' }),
    ...Object.entries(APPS).flatMap(([name, versions]) => application(name, versions, crashing)),
    ...configuration(),
  ];
  return {
    objects: [
      ...istioObjects({ authority: own.certificatePem, webhookAuthority, istiod, settings }, [BOOKINFO]),
      ...app.map((each) => replace(each) ?? each),
      ...more,
    ],
    before: injectedBefore(before),
    programs: together(istiodWebhooks(own), istioPrograms({ authority: own, application: bookinfoApplication, stale })),
  };
}
