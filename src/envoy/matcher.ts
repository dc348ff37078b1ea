/**
 * Trees that decide by what they are told of a connection or a request, as the ways to their leaves.
 * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/advanced/matching/matching_api
 */
import type { Body } from '../model/resource.ts';
import { body, field, items, text, texts, typeOf } from './fields.ts';
import { rangeText, valueText } from './match-text.ts';

export interface Condition {
  /** What is looked at: `DestinationPort`, or the name of a header. */
  readonly input: string;
  /** `=80`, `=/api*`, `=10.0.0.0/8`; empty where Envoy's own words are all there is. */
  readonly value: string;
}

export interface Leaf {
  /** All that has to hold, besides that no way before it fits. */
  readonly conditions: readonly Condition[];
  /** What is done, as an Any. */
  readonly action: Body;
}

/** In the order in which they are tried, as far as there is one. */
export function leavesOf(matcher: unknown, before: readonly Condition[] = []): readonly Leaf[] {
  const tree = body(matcher, 'matcher_tree');
  return [
    ...items(matcher, 'matcher_list', 'matchers').flatMap((each) =>
      leavesBehind(body(each, 'on_match'), [...before, ...predicateConditions(body(each, 'predicate'))]),
    ),
    ...(tree ? treeLeaves(tree, before) : []),
    ...leavesBehind(body(matcher, 'on_no_match'), before),
  ];
}

function leavesBehind(onMatch: unknown, conditions: readonly Condition[]): readonly Leaf[] {
  const inner = body(onMatch, 'matcher');
  if (inner) return leavesOf(inner, conditions);
  const action = body(onMatch, 'action', 'typed_config');
  return action ? [{ conditions, action }] : [];
}

function treeLeaves(tree: unknown, before: readonly Condition[]): readonly Leaf[] {
  const input = inputName(body(tree, 'input'));
  const behind = (onMatch: unknown, value: string): readonly Leaf[] => leavesBehind(onMatch, [...before, { input, value }]);
  const custom = body(tree, 'custom_match', 'typed_config');
  return [
    ...entries(tree, 'exact_match_map').flatMap(([key, each]) => behind(each, `=${key}`)),
    ...entries(tree, 'prefix_match_map').flatMap(([key, each]) => behind(each, `=${key}*`)),
    ...items(custom, 'range_matchers').flatMap((each) =>
      behind(body(each, 'on_match'), `=${items(each, 'ranges').map(rangeText).join(',')}`),
    ),
    ...items(custom, 'domain_matchers').flatMap((each) => behind(body(each, 'on_match'), `=${texts(each, 'domains').join(',')}`)),
  ];
}

const entries = (tree: unknown, name: string): readonly (readonly [string, unknown])[] => Object.entries(body(tree, name, 'map') ?? {});

function predicateConditions(predicate: unknown): readonly Condition[] {
  const and = body(predicate, 'and_matcher');
  if (and) return items(and, 'predicate').flatMap(predicateConditions);
  const or = body(predicate, 'or_matcher');
  if (or) {
    const each = items(or, 'predicate').map((one) => conditionsText(predicateConditions(one)));
    return [{ input: `(${each.join(' or ')})`, value: '' }];
  }
  const not = body(predicate, 'not_matcher');
  if (not) return [{ input: `not ${conditionsText(predicateConditions(not))}`, value: '' }];
  const single = body(predicate, 'single_predicate');
  const custom =
    typeOf(body(single, 'custom_match', 'typed_config'))
      .split('.')
      .at(-1) ?? '';
  const value = custom === '' ? valueText(body(single, 'value_match')) : ` by ${custom}`;
  return [{ input: inputName(body(single, 'input')), value }];
}

export const conditionsText = (conditions: readonly Condition[]): string =>
  conditions.map(({ input, value }) => `${input}${value}`).join(' and ');

function inputName(input: unknown): string {
  const config = body(input, 'typed_config');
  const own = text(config, 'header_name') ?? text(config, 'query_param') ?? text(config, 'key');
  const kind = typeOf(config).split('.').at(-1) ?? '';
  return own ?? (kind === '' ? (text(input, 'name') ?? 'something') : kind.replace(/Input$/, ''));
}

/** The chain that a leaf of a listener's tree names. */
export const chainNamed = ({ action }: Leaf): string | undefined => {
  const value = field(action, 'value');
  return typeof value === 'string' ? value : undefined;
};
