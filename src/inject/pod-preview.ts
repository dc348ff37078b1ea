/** A workload's pod as it is sent to the API server, and what its webhooks made of it. */
import { at, isBody, itemsAt, listAt, objectAt, stringAt } from '../model/body.ts';
import type { InjectReason } from '../model/inject.ts';
import type { Body, FieldPath } from '../model/resource.ts';
import { isEqual } from '../text/equal.ts';
import { withoutLiveFields } from './live-fields.ts';

/** @param name another than that of any pod there is, as the server would change that one instead */
export function podFrom(object: Body, template: FieldPath, namespace: string, name: string): Body {
  const pod = objectAt(object, ...template);
  const {
    namespace: _namespace,
    name: _name,
    generateName: _generateName,
    creationTimestamp: _created,
    ...metadata
  } = objectAt(pod, 'metadata');
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, ...metadata }, spec: objectAt(pod, 'spec') };
}

/** What the API server fills in where nothing is said. What a webhook sets to the same value is passed over with it. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  defaultMode: 420,
  dnsPolicy: 'ClusterFirst',
  enableServiceLinks: true,
  preemptionPolicy: 'PreemptLowerPriority',
  priority: 0,
  protocol: 'TCP',
  resources: {},
  restartPolicy: 'Always',
  schedulerName: 'default-scheduler',
  securityContext: {},
  serviceAccount: 'default',
  serviceAccountName: 'default',
  terminationGracePeriodSeconds: 30,
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  failureThreshold: 3,
  periodSeconds: 10,
  successThreshold: 1,
  timeoutSeconds: 1,
  scheme: 'HTTP',
};

/** The server's answer without what it adds to every pod, so that the work of the webhooks is left. */
export function previewOf(sent: Body, answer: Body): Body {
  const { nodeName: _, ...spec } = objectAt(withoutDefaults(withoutLiveFields(answer), sent), 'spec');
  const volumes = listAt(spec, 'volumes').filter((volume) => !isAccessToken(volume));
  const tolerations = listAt(spec, 'tolerations').filter((toleration) => !stringAt(toleration, 'key')?.startsWith('node.kubernetes.io/'));
  const mounted = (container: Body): Body => {
    const mounts = listAt(container, 'volumeMounts').filter((mount) => !isAccessToken(mount));
    const { volumeMounts: _mounts, ...rest } = container;
    return mounts.length > 0 ? { ...container, volumeMounts: mounts } : rest;
  };
  const containers = (field: string): Body =>
    spec[field] === undefined ? {} : { [field]: itemsAt(spec, field).map(({ item }) => mounted(item)) };
  const { name, namespace, ...metadata } = objectAt(withoutLiveFields(answer), 'metadata');
  const { volumes: _volumes, tolerations: _tolerations, ...rest } = spec;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, ...metadata },
    spec: {
      ...rest,
      ...containers('initContainers'),
      ...containers('containers'),
      ...(volumes.length > 0 && { volumes }),
      ...(tolerations.length > 0 && { tolerations }),
    },
  };
}

/** The volume with the token of the service account, which the server adds under a random name. */
const isAccessToken = (entry: unknown): boolean => stringAt(entry, 'name')?.startsWith('kube-api-access-') === true;

function withoutDefaults(value: Body, sent: unknown): Body {
  const entries = Object.entries(value).flatMap(([key, entry]): [string, unknown][] => {
    const given = at(sent, [key]);
    if (given === undefined && Object.hasOwn(DEFAULTS, key) && isEqual(DEFAULTS[key], entry)) return [];
    // Which tag is pulled always is decided by the image.
    if (given === undefined && key === 'imagePullPolicy') return [];
    if (Array.isArray(entry)) return [[key, entry.map((item) => (isBody(item) ? withoutDefaults(item, counterpart(item, given)) : item))]];
    return [[key, isBody(entry) ? withoutDefaults(entry, given) : entry]];
  });
  return Object.fromEntries(entries);
}

const counterpart = (item: Body, given: unknown): unknown =>
  Array.isArray(given) ? given.find((each) => stringAt(each, 'name') === item['name'] && item['name'] !== undefined) : undefined;

/** What is in a preview that was not sent, as sentences. */
export function previewReasons(sent: Body, preview: Body): readonly InjectReason[] {
  const names = (pod: Body, field: string): readonly string[] =>
    itemsAt(pod, 'spec', field).map(({ item }) => stringAt(item, 'name') ?? '');
  const keys = (pod: Body, field: string): readonly string[] =>
    Object.entries(objectAt(pod, 'metadata', field)).map(([key, value]) => `${key}=${value}`);
  const added = (what: string, before: readonly string[], after: readonly string[]): readonly InjectReason[] => {
    const fresh = after.filter((each) => !before.includes(each));
    return fresh.length === 0 ? [] : [{ code: 'added', message: `Added ${what}: ${fresh.join(', ')}.` }];
  };
  return [
    ...added('init containers', names(sent, 'initContainers'), names(preview, 'initContainers')),
    ...added('containers', names(sent, 'containers'), names(preview, 'containers')),
    ...added('volumes', names(sent, 'volumes'), names(preview, 'volumes')),
    ...added('labels', keys(sent, 'labels'), keys(preview, 'labels')),
    ...added('annotations', keys(sent, 'annotations').map(nameIn), keys(preview, 'annotations').map(nameIn)),
  ];
}

/** Values of annotations may be whole documents. */
const nameIn = (entry: string): string => entry.slice(0, entry.indexOf('='));
