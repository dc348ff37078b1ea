import { stringsAt } from '../../model/body.ts';
import type { Body, FieldPath } from '../../model/resource.ts';
import { matchesOf } from './_matches.ts';

interface GatewayName {
  readonly value: string;
  readonly path: FieldPath;
}

/** The lists of gateways in a VirtualService: those it is bound to, and those that matches are limited to. */
export function gatewayLists(body: Body): readonly (readonly GatewayName[])[] {
  return [
    stringsAt(body, 'spec', 'gateways'),
    ...matchesOf(body).map(({ item, path }) => stringsAt(item, 'gateways').map((name) => ({ ...name, path: [...path, ...name.path] }))),
  ];
}
