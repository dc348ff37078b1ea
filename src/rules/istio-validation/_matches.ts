import { ROUTE_PROTOCOLS, type RouteProtocol } from '../../mesh/istio/virtual-service.ts';
import { isBody, itemsAt, objectAt, stringAt } from '../../model/body.ts';
import type { Body, FieldPath } from '../../model/resource.ts';

export interface RouteMatch {
  readonly protocol: RouteProtocol;
  readonly item: Body;
  readonly path: FieldPath;
}

/** Every match of a VirtualService. */
export function matchesOf(body: Body): readonly RouteMatch[] {
  return ROUTE_PROTOCOLS.flatMap((protocol) =>
    itemsAt(body, 'spec', protocol).flatMap((rule) =>
      itemsAt(rule.item, 'match').map(({ item, path }) => ({ protocol, item, path: [...rule.path, ...path] })),
    ),
  );
}

/** A StringMatch, by how it compares. */
export interface TextMatch {
  readonly match: Body;
  readonly path: FieldPath;
  /** Envoy takes an empty prefix of a path for any path. */
  readonly mayBeEmpty: boolean;
}

const SINGLE = ['uri', 'scheme', 'method', 'authority'];
const BY_NAME = ['headers', 'withoutHeaders', 'queryParams'];

/** Every comparison with a text in a match of HTTP requests. */
export function textMatchesOf(match: Body): readonly TextMatch[] {
  return [
    ...SINGLE.map((field) => ({ match: objectAt(match, field), path: [field], mayBeEmpty: field === 'uri' })),
    ...BY_NAME.flatMap((field) =>
      Object.entries(objectAt(match, field)).flatMap(([name, value]) => {
        // `*` is no expression here: any value of the header.
        const isPresence = field === 'withoutHeaders' && stringAt(value, 'regex') === '*';
        return isBody(value) && !isPresence ? [{ match: value, path: [field, name], mayBeEmpty: false }] : [];
      }),
    ),
  ];
}
