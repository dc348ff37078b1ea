/** The emojivoto application in a Linkerd mesh. Scenarios are this with something changed. */
import { controlPlaneObjects } from '../linkerd/control-plane.ts';
import { type Injection, withProxy, withTap } from '../linkerd/injector.ts';
import { linkerdPrograms } from '../linkerd/programs.ts';
import { type MeshTrust, meshTrust } from '../linkerd/trust.ts';
import { vizObjects } from '../linkerd/viz.ts';
import type { SandboxOptions } from '../options.ts';
import type { KubeObject } from '../store/object.ts';
import type { Application, Operation } from '../traffic/application.ts';
import type { Call } from '../traffic/exchange.ts';
import { type Labels, object, service, serviceAccount, type Written } from './_objects.ts';

const EMOJIVOTO = 'emojivoto';

export interface Changes {
  readonly trust?: MeshTrust;
  /** PEM that the APIService of tap trusts. */
  readonly tapAuthority?: string;
  /** How the pods of an app were injected before the sandbox opened; undefined for not at all. */
  readonly before?: (app: string, injection: Injection) => Injection | undefined;
  /** Replaces what it gives something for, of the application's own objects. */
  readonly replace?: (object: Written) => Written | undefined;
}

export function emojivotoMesh({ trust = meshTrust(), tapAuthority, before, replace = () => undefined }: Changes = {}): SandboxOptions {
  const app = [home, ...workloads].map((each) => replace(each) ?? each);
  const objects = [...controlPlaneObjects(trust), ...vizObjects(trust, tapAuthority), ...app];
  const annotations = new Map(
    objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => [metadata.name, metadata.annotations ?? {}]),
  );
  return {
    objects,
    before: (pod, webhook) => {
      const inherited = annotations.get(pod.metadata.namespace ?? '') ?? {};
      if (webhook !== 'linkerd-proxy-injector.linkerd.io') return withTap(pod, inherited);
      const injection = { trustAnchors: trust.anchor.certificatePem, inherited };
      const chosen = before ? before(appOf(pod), injection) : injection;
      return chosen ? withProxy(pod, chosen) : pod;
    },
    programs: linkerdPrograms(trust, application),
  };
}

const appOf = ({ metadata }: KubeObject): string => metadata.labels?.['app'] ?? '';

const home = object('v1', 'Namespace', '', EMOJIVOTO, {}, { annotations: { 'linkerd.io/inject': 'enabled' } });

interface App {
  readonly name: string;
  readonly app: string;
  readonly image: string;
  readonly env: Labels;
  readonly ports: Readonly<Record<string, number>>;
  readonly command?: readonly string[];
  readonly account?: string;
  readonly cpu: string;
}

const IMAGES = 'ghcr.io/buoyantio/emojivoto';
const GRPC = { env: { GRPC_PORT: '8080', PROM_PORT: '8801' }, ports: { grpc: 8080, prom: 8801 }, cpu: '100m' };

const APPS: readonly App[] = [
  { name: 'emoji', app: 'emoji-svc', image: `${IMAGES}-emoji-svc:v11`, account: 'emoji', ...GRPC },
  { name: 'voting', app: 'voting-svc', image: `${IMAGES}-voting-svc:v11`, account: 'voting', ...GRPC },
  {
    name: 'web',
    app: 'web-svc',
    image: `${IMAGES}-web:v11`,
    account: 'web',
    env: { WEB_PORT: '8080', EMOJISVC_HOST: 'emoji-svc.emojivoto:8080', VOTINGSVC_HOST: 'voting-svc.emojivoto:8080' },
    ports: { http: 8080 },
    cpu: '100m',
  },
  {
    name: 'vote-bot',
    app: 'vote-bot',
    image: `${IMAGES}-web:v11`,
    command: ['emojivoto-vote-bot'],
    env: { WEB_HOST: 'web-svc.emojivoto:80' },
    ports: {},
    cpu: '10m',
  },
];

function workload({ name, app, image, env, ports, command, account, cpu }: App): Written {
  const labels = { app, version: 'v11' };
  const container = {
    ...{ name: app, image, ...(command ? { command } : {}), resources: { requests: { cpu } } },
    env: Object.entries(env).map(([variable, value]) => ({ name: variable, value })),
    ports: Object.entries(ports).map(([port, containerPort]) => ({ name: port, containerPort, protocol: 'TCP' })),
  };
  const template = { metadata: { labels }, spec: { ...(account ? { serviceAccountName: account } : {}), containers: [container] } };
  const marks = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': EMOJIVOTO, 'app.kubernetes.io/version': 'v11' };
  return object(
    'apps/v1',
    'Deployment',
    EMOJIVOTO,
    name,
    { spec: { replicas: 1, selector: { matchLabels: labels }, template } },
    { labels: marks },
  );
}

const GRPC_PORTS = [
  { name: 'grpc', port: 8080 },
  { name: 'prom', port: 8801 },
];

const workloads: readonly Written[] = [
  ...['emoji', 'voting', 'web'].map((name) => serviceAccount(EMOJIVOTO, name)),
  service(EMOJIVOTO, 'emoji-svc', { app: 'emoji-svc' }, GRPC_PORTS),
  service(EMOJIVOTO, 'voting-svc', { app: 'voting-svc' }, GRPC_PORTS),
  service(EMOJIVOTO, 'web-svc', { app: 'web-svc' }, [{ name: 'http', port: 80, targetPort: 8080 }]),
  ...APPS.map(workload),
];

const HEADERS = { 'content-type': 'application/grpc', 'user-agent': 'grpc-go/1.58.3' };
const grpc = (name: string, method: string): Call => ({
  ...{ namespace: EMOJIVOTO, service: name, port: 8080, method: 'POST', protocol: 'grpc', headers: HEADERS },
  ...{ path: `/emojivoto.v1.${method}`, authority: `${name}.${EMOJIVOTO}:8080` },
});
const find = grpc('emoji-svc', 'EmojiService/FindByShortcode');
const vote = (rpc: string): Call => grpc('voting-svc', `VotingService/Vote${rpc}`);

/** Shortcodes that the bot votes for, with their remote procedures; every seventh vote is for the doughnut, which fails. */
const CHOICES: Labels = {
  joy: 'Joy',
  sunglasses: 'Sunglasses',
  ghost: 'Ghost',
  doughnut: 'Doughnut',
  relaxed: 'Relaxed',
  mask: 'Mask',
  nerd_face: 'NerdFace',
};
const votePath = (shortcode: string): string => `/api/vote?choice=:${shortcode}:`;

const PAGE = '<!DOCTYPE html><html><head><title>Emoji Vote</title></head><body><div id="main"></div></body></html>\n';
const JSON_TYPE = 'application/json';
const LIST = JSON.stringify(Object.keys(CHOICES).map((shortcode) => ({ shortcode: `:${shortcode}:` })));

const webOperations: readonly Operation[] = [
  {
    path: '/api/list',
    latencyMs: 3,
    responseBytes: 0,
    body: LIST,
    contentType: JSON_TYPE,
    calls: [grpc('emoji-svc', 'EmojiService/ListAll')],
  },
  ...Object.entries(CHOICES).map(([shortcode, rpc]) => ({
    ...{ path: votePath(shortcode), latencyMs: 2, responseBytes: 0, propagates: true },
    calls: [find, vote(rpc)],
  })),
  {
    ...{ path: '/api/leaderboard', latencyMs: 6, responseBytes: 0, body: '[]', contentType: JSON_TYPE },
    calls: [grpc('voting-svc', 'VotingService/Results'), find],
  },
  { method: 'GET', path: '/', latencyMs: 1, responseBytes: 0, body: PAGE, contentType: 'text/html' },
];

const application: Application = {
  behaviours: [
    { namespace: EMOJIVOTO, labels: { app: 'web-svc' }, operations: webOperations },
    {
      namespace: EMOJIVOTO,
      labels: { app: 'emoji-svc' },
      operations: [{ path: '/emojivoto.v1.EmojiService/', latencyMs: 2, responseBytes: 240 }],
    },
    {
      namespace: EMOJIVOTO,
      labels: { app: 'voting-svc' },
      operations: [
        { path: '/emojivoto.v1.VotingService/VoteDoughnut', latencyMs: 2, responseBytes: 0, grpcStatus: 2 },
        { path: '/emojivoto.v1.VotingService/', latencyMs: 2, responseBytes: 5 },
      ],
    },
  ],
  clients: [{ from: { namespace: EMOJIVOTO, labels: { app: 'vote-bot' } }, everyMs: 500, calls: botCalls() }],
};

/** The bot asks for the list before each vote. */
function botCalls(): readonly Call[] {
  const ask = (path: string): Call => ({
    ...{ namespace: EMOJIVOTO, service: 'web-svc', port: 80, method: 'GET', path, authority: 'web-svc.emojivoto:80' },
    headers: { 'user-agent': 'Go-http-client/1.1' },
  });
  return Object.keys(CHOICES).flatMap((shortcode) => [ask('/api/list'), ask(votePath(shortcode))]);
}
