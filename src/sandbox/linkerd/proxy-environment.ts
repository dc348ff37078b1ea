/** The environment of the proxy's process, as the kubelet makes it from the container. */
import { at, itemsAt, stringAt } from '../../model/body.ts';
import type { Fields, KubeObject } from '../store/object.ts';
import type { Store } from '../store/store.ts';
import { addressOf, proxyOf } from './pods.ts';

/** A value as it is written. */
export const variableOf = (container: Fields, name: string): string | undefined =>
  stringAt(itemsAt(container, 'env').find(({ item }) => item['name'] === name)?.item, 'value');

/** Names and values; a value may name those before it as `$(NAME)`. */
export function environmentOf(pod: KubeObject, store: Store): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { item } of itemsAt(proxyOf(pod), 'env')) {
    const value = item['value'] === undefined ? referred(pod, item, store) : String(item['value']);
    found[String(item['name'])] = value.replace(/\$\(([\w.-]+)\)/g, (whole, name: string) => found[name] ?? whole);
  }
  return found;
}

function referred(pod: KubeObject, variable: Fields, store: Store): string {
  const key = at(variable, ['valueFrom', 'configMapKeyRef']);
  if (key !== undefined) {
    const map = store.get('core/ConfigMap', pod.metadata.namespace ?? '', stringAt(key, 'name') ?? '');
    return stringAt(map, 'data', stringAt(key, 'key') ?? '') ?? '';
  }
  const path = stringAt(variable, 'valueFrom', 'fieldRef', 'fieldPath') ?? '';
  if (path === 'status.podIPs') return addressOf(pod);
  return stringAt(pod, ...path.split('.')) ?? '';
}
