/**
 * APIServices: each group and version that the server has itself is listed as a local one, and those that name a
 * service are asked for what they serve. Their condition Available says how that went, in the words of kube-aggregator.
 */
import { booleanAt, isBody, itemsAt, listAt, numberAt, objectAt, stringAt } from '../../model/body.ts';
import type { Kind } from '../../model/resource.ts';
import type { Backend } from '../api/backend.ts';
import type { Remote } from '../kinds/discovery.ts';
import { DEFINITIONS } from '../kinds/registry.ts';
import { apiVersionOf } from '../kinds/served-type.ts';
import { DialProblem, endpointOf, hasAddresses, portOf, type ServicePort } from '../pods/dial.ts';
import { requestService, type ServiceTrust } from '../pods/service-request.ts';
import { type Fields, isSame, type KubeObject, timestamp } from '../store/object.ts';
import type { StoreEvent } from '../store/store.ts';

const API_SERVICE: Kind = 'apiregistration.k8s.io/APIService';
const AUTOMANAGED = 'kube-aggregator.kubernetes.io/automanaged';
const RETRY_MS = 5000;
const DISCOVERY_MS = 5000;

/** A group and version that a service in the cluster serves. */
export interface RemoteVersion extends Remote {
  readonly apiService: KubeObject;
}

interface Condition {
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

export class ApiServices {
  readonly #backend: Backend;
  readonly #resources = new Map<string, readonly Fields[]>();
  readonly #checking = new Map<string, Promise<void>>();
  /** Checked while something changed: checked again. */
  readonly #outdated = new Set<string>();
  readonly #timers = new Map<string, () => void>();
  #stopped = false;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Done when the services that are there have been asked once. */
  async start(): Promise<void> {
    const { store, closing } = this.#backend;
    this.#listLocal();
    const unsubscribe = store.subscribe((event) => this.#seen(event));
    closing.addEventListener('abort', () => {
      this.#stopped = true;
      unsubscribe();
      for (const cancel of this.#timers.values()) cancel();
    });
    await Promise.all(store.list(API_SERVICE).map((each) => this.#check(each.metadata.name)));
  }

  remotes(): readonly RemoteVersion[] {
    return this.#backend.store.list(API_SERVICE).flatMap((apiService) => {
      if (!serviceOf(apiService)) return [];
      const { name } = apiService.metadata;
      const [group = '', version = ''] = [stringAt(apiService, 'spec', 'group'), stringAt(apiService, 'spec', 'version')];
      return [{ apiService, group, version, resources: isAvailable(apiService) ? this.#resources.get(name) : undefined }];
    });
  }

  /** One APIService for every group and version of the server's own. */
  #listLocal(): void {
    const { store, registry } = this.#backend;
    const served = [{ name: '', versions: ['v1'] }, ...registry.groups()].flatMap(({ name, versions }) =>
      versions.map((version, index) => localService(name, version, index)),
    );
    for (const each of served) if (!store.get(API_SERVICE, '', each.metadata.name)) store.create(API_SERVICE, each);
    const names = new Set(served.map(({ metadata }) => metadata.name));
    for (const { metadata } of store.list(API_SERVICE))
      if (metadata.labels?.[AUTOMANAGED] !== undefined && !names.has(metadata.name)) store.remove(API_SERVICE, '', metadata.name);
  }

  #seen({ kind, type, object }: StoreEvent): void {
    const { store, after } = this.#backend;
    const { name, namespace = '' } = object.metadata;
    if (kind === DEFINITIONS)
      this.#later(
        'definitions',
        after(0, () => this.#listLocal()),
      );
    else if (kind === API_SERVICE && type !== 'DELETED') void this.#check(name);
    else if (kind === API_SERVICE) this.#resources.delete(name);
    else if (kind === 'core/Service' || kind === 'core/Endpoints') {
      for (const each of store.list(API_SERVICE)) {
        const service = serviceOf(each);
        if (service?.name === name && service.namespace === namespace) void this.#check(each.metadata.name);
      }
    }
  }

  #later(key: string, cancel: () => void): void {
    this.#timers.get(key)?.();
    this.#timers.set(key, cancel);
  }

  #check(name: string): Promise<void> {
    const running = this.#checking.get(name);
    if (running) {
      this.#outdated.add(name);
      return running;
    }
    const check = this.#checkOnce(name).finally(() => {
      this.#checking.delete(name);
      if (this.#outdated.delete(name) && !this.#stopped) void this.#check(name);
    });
    this.#checking.set(name, check);
    return check;
  }

  async #checkOnce(name: string): Promise<void> {
    const { store, after, now } = this.#backend;
    const object = store.get(API_SERVICE, '', name);
    if (!object) return;
    const condition = await this.#conditionOf(object);
    const latest = store.get(API_SERVICE, '', name);
    if (!latest || this.#stopped) return;
    if (condition.reason === 'FailedDiscoveryCheck')
      this.#later(
        name,
        after(RETRY_MS, () => void this.#check(name)),
      );
    const before = availableOf(latest);
    if (before && isSame({ ...before, ...condition }, before)) return;
    const since = before?.['status'] === condition.status ? before['lastTransitionTime'] : timestamp(now());
    const conditions = [{ type: 'Available', ...condition, lastTransitionTime: since }];
    store.replace(API_SERVICE, { ...latest, status: { ...objectAt(latest, 'status'), conditions } });
  }

  async #conditionOf(object: KubeObject): Promise<Condition> {
    const service = serviceOf(object);
    if (!service) return LOCAL;
    const { store } = this.#backend;
    const { name, namespace, port } = service;
    const missing = (reason: string, message: string): Condition => ({ status: 'False', reason, message });
    const found = store.get('core/Service', namespace, name);
    if (!found) return missing('ServiceNotFound', `service/${name} in "${namespace}" is not present`);
    const wanted = portOf(found, port);
    if (!wanted) return missing('ServicePortError', `service/${name} in "${namespace}" is not listening on port ${port}`);
    const endpoints = store.get('core/Endpoints', namespace, name);
    if (!endpoints) return missing('EndpointsNotFound', `cannot find endpoints for service/${name} in "${namespace}"`);
    if (!hasAddresses(endpoints)) {
      const portName = stringAt(wanted, 'name') ?? '';
      return missing('MissingEndpoints', `endpoints for service/${name} in "${namespace}" have no addresses with port name "${portName}"`);
    }
    return this.#discover(object, service);
  }

  async #discover(object: KubeObject, service: ServicePort): Promise<Condition> {
    const path = `/apis/${stringAt(object, 'spec', 'group') ?? ''}/${stringAt(object, 'spec', 'version') ?? ''}`;
    const limit = new AbortController();
    const cancel = this.#backend.after(DISCOVERY_MS, () => limit.abort());
    let url = path;
    const failed = (why: string): Condition => ({
      status: 'False',
      reason: 'FailedDiscoveryCheck',
      message: `failing or missing response from ${url}: ${why}`,
    });
    try {
      url = `https://${endpointOf(this.#backend, service).address}${path}`;
      const signal = AbortSignal.any([limit.signal, this.#backend.closing]);
      const request = { method: 'GET', path, headers: { accept: 'application/json', ...AGGREGATOR }, signal };
      const { sent, answer } = requestService(this.#backend, service, trustOf(object), request);
      sent.end();
      const message = await answer;
      const chunks: Uint8Array[] = [];
      for await (const chunk of message) chunks.push(chunk as Uint8Array);
      if (message.statusCode !== 200) return failed(`bad status from ${url}: ${message.statusCode}`);
      this.#resources.set(object.metadata.name, resourcesIn(Buffer.concat(chunks).toString()));
      return { status: 'True', reason: 'Passed', message: 'all checks passed' };
    } catch (error) {
      const why = limit.signal.aborted ? 'context deadline exceeded' : error instanceof DialProblem ? error.message : 'EOF';
      return failed(`Get "${url}": ${why}`);
    } finally {
      cancel();
    }
  }
}

const AGGREGATOR = { 'x-remote-user': 'system:kube-aggregator', 'x-remote-group': 'system:masters' };

const LOCAL: Condition = { status: 'True', reason: 'Local', message: 'Local APIServices are always available' };

const availableOf = (object: KubeObject): Fields | undefined =>
  itemsAt(object, 'status', 'conditions').find(({ item }) => item['type'] === 'Available')?.item;

export const isAvailable = (object: KubeObject): boolean => availableOf(object)?.['status'] === 'True';

/** The service behind an APIService; undefined for a local one. */
export function serviceOf(object: KubeObject): ServicePort | undefined {
  const service = objectAt(object, 'spec')['service'];
  if (!isBody(service)) return undefined;
  return {
    namespace: stringAt(service, 'namespace') ?? '',
    name: stringAt(service, 'name') ?? '',
    port: numberAt(service, 'port') ?? 443,
  };
}

export function trustOf(object: KubeObject): ServiceTrust {
  const authorities = Buffer.from(stringAt(object, 'spec', 'caBundle') ?? '', 'base64').toString();
  return { authorities, insecure: booleanAt(object, 'spec', 'insecureSkipTLSVerify') === true };
}

function resourcesIn(text: string): readonly Fields[] {
  try {
    return listAt(JSON.parse(text), 'resources').filter(isBody);
  } catch {
    return [];
  }
}

function localService(group: string, version: string, index: number): KubeObject {
  const isBuiltIn = group === '' || !group.includes('.') || group.endsWith('.k8s.io');
  return {
    apiVersion: apiVersionOf({ group: 'apiregistration.k8s.io', version: 'v1' }),
    kind: 'APIService',
    metadata: { name: `${version}.${group}`, labels: { [AUTOMANAGED]: isBuiltIn ? 'onstart' : 'true' } },
    spec: {
      ...(group === '' ? {} : { group }),
      version,
      groupPriorityMinimum: group === '' ? 18_000 : isBuiltIn ? 17_000 : 1000,
      versionPriority: Math.max(1, 100 - index),
    },
    status: { conditions: [] },
  };
}
