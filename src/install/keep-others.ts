/**
 * What others have changed since a release was applied, and the release wants no differently than before, stays theirs:
 * istiod sets the failurePolicy of its own webhook, an autoscaler the replicas.
 */
import { isBody } from '../model/body.ts';
import type { Body } from '../model/resource.ts';

/** @returns what is wanted now, with the live values where the wish is as old as `before` */
export function keepingOthers(wanted: Body, before: Body, live: Body): Body {
  return kept(wanted, before, live) as Body;
}

function kept(wanted: unknown, before: unknown, live: unknown): unknown {
  if (isBody(wanted) && isBody(live)) {
    const old = isBody(before) ? before : {};
    return Object.fromEntries(Object.entries(wanted).map(([key, value]) => [key, key in live ? kept(value, old[key], live[key]) : value]));
  }
  if (areNamed(wanted) && areNamed(live)) {
    const find = (list: unknown, name: unknown): unknown => (areNamed(list) ? list.find((each) => each['name'] === name) : undefined);
    return wanted.map((each) => {
      const there = find(live, each['name']);
      return there === undefined ? each : kept(each, find(before, each['name']), there);
    });
  }
  return before !== undefined && JSON.stringify(wanted) === JSON.stringify(before) && live !== undefined && isPlain(wanted) && isPlain(live)
    ? live
    : wanted;
}

const areNamed = (value: unknown): value is readonly Body[] =>
  Array.isArray(value) && value.length > 0 && value.every((each) => isBody(each) && typeof each['name'] === 'string');

/** Lists without names, and maps against something else, are taken as they are wanted. */
const isPlain = (value: unknown): boolean => typeof value !== 'object' || value === null;
