/** Routes of ServiceProfiles, as profiles hold them. */
import { at, itemsAt, objectAt, stringAt } from '../../model/body.ts';
import { chosen, message } from '../programs/protobuf-writer.ts';
import type { Fields } from '../store/object.ts';
import type { Store } from '../store/store.ts';
import { mapEntries } from './written-values.ts';

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'CONNECT', 'HEAD', 'TRACE'];

/** @param host `web.emojivoto.svc.cluster.local`, which the profile is named after */
export const serviceRoutes = (store: Store, host: string, namespace: string): readonly Buffer[] =>
  itemsAt(store.get('linkerd.io/ServiceProfile', namespace, host), 'spec', 'routes').map(({ item }) =>
    message(
      [1, matchOf(objectAt(item, 'condition'))],
      ...mapEntries({ route: stringAt(item, 'name') ?? '' }).map((entry) => [3, entry] as const),
      [4, item['isRetryable'] === true ? 1 : 0],
    ),
  );

function matchOf(condition: Readonly<Fields>): Buffer {
  const several = (name: string): Buffer => message(...itemsAt(condition, name).map(({ item }) => [1, matchOf(item)] as const));
  const [path, method] = [stringAt(condition, 'pathRegex'), stringAt(condition, 'method')];
  const parts = [
    ...(path === undefined ? [] : [message([4, message([1, path])])]),
    ...(method === undefined ? [] : [message([5, methodOf(method)])]),
    ...(condition['all'] === undefined ? [] : [message([1, several('all')])]),
    ...(condition['any'] === undefined ? [] : [message([2, several('any')])]),
    ...(condition['not'] === undefined ? [] : [message([3, matchOf(at(condition, ['not']) as Fields)])]),
  ];
  const [only = Buffer.alloc(0)] = parts;
  return parts.length > 1 ? message([1, message(...parts.map((part) => [1, part] as const))]) : only;
}

const methodOf = (name: string): Buffer => (METHODS.includes(name) ? chosen(1, METHODS.indexOf(name)) : message([2, name]));
