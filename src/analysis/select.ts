/** Which rules run, and how severe their findings are. */
import { MeshctlError } from '../errors.ts';
import type { MeshId, Rule, Severity } from '../model/rule.ts';
import { nameGlob } from '../text/glob.ts';
import { nearest } from '../text/nearest.ts';
import type { SelectedRule } from './engine.ts';

export interface Selection {
  /** Rule ids, aliases or globs such as `istio-routing/*`; empty: all. */
  readonly only: readonly string[];
  readonly skip: readonly string[];
  /** Rules of other families stay out; undefined: all families. */
  readonly families?: readonly string[] | undefined;
  /** The mesh asked for; undefined: the meshes in use. */
  readonly mesh?: MeshId | undefined;
  readonly severities: Readonly<Record<string, Severity | 'off'>>;
  /** Rules that run on request only are chosen too. */
  readonly isForList?: boolean;
}

/** Every rule that a name means: an id, an alias such as `IST0101` (which several rules share), an analyzer of istioctl, or a glob over ids. */
export function rulesNamed(name: string, rules: readonly Rule[]): readonly Rule[] {
  const alias = name.toUpperCase();
  const matches = nameGlob(name);
  return rules.filter(
    ({ meta }) =>
      meta.id === name ||
      meta.aliases.includes(alias) ||
      meta.analyzers?.includes(name) === true ||
      (name.includes('*') && matches(meta.id)),
  );
}

/** @throws MeshctlError E_RULE for a name that means no rule, with the nearest that does */
export function knownRulesNamed(name: string, rules: readonly Rule[]): readonly Rule[] {
  const found = rulesNamed(name, rules);
  if (found.length > 0) return found;
  const names = rules.flatMap(({ meta }) => [meta.id, meta.id.slice(meta.id.indexOf('/') + 1), ...meta.aliases]);
  const close = nearest(name, names);
  const meant = close && (rulesNamed(close, rules)[0]?.meta.id ?? rules.find(({ meta }) => meta.id.endsWith(`/${close}`))?.meta.id);
  const suggestion = close?.startsWith('IST') || close?.startsWith('KIA') ? close : meant;
  throw new MeshctlError('E_RULE', `There is no rule "${name}".`, {
    hint: `${suggestion ? `Did you mean "${suggestion}"? ` : ''}"meshctl analyze --list-rules" lists all rules.`,
  });
}

/**
 * @param inUse meshes whose rules take part; rules about no mesh in particular always do
 * @throws MeshctlError E_RULE for an unknown name anywhere in the selection
 */
export function selectRules(rules: readonly Rule[], selection: Selection, inUse: ReadonlySet<MeshId>): readonly SelectedRule[] {
  const idsOf = (names: readonly string[]): ReadonlySet<string> =>
    new Set(names.flatMap((name) => knownRulesNamed(name, rules).map((rule) => rule.meta.id)));
  const only = idsOf(selection.only);
  const skip = idsOf(selection.skip);
  const severities = new Map<string, Severity | 'off'>();
  for (const [name, severity] of Object.entries(selection.severities)) {
    for (const rule of knownRulesNamed(name, rules)) severities.set(rule.meta.id, severity);
  }
  return rules.flatMap((rule): readonly SelectedRule[] => {
    const { id, meshes } = rule.meta;
    const named = only.has(id);
    const severity = severities.get(id) ?? (rule.meta.isOnRequest && !selection.isForList ? 'off' : rule.meta.severity);
    if ((only.size > 0 && !named) || skip.has(id)) return [];
    if (selection.families?.includes(id.slice(0, id.indexOf('/'))) === false) return [];
    if (meshes && !meshes.some((mesh) => inUse.has(mesh))) return [];
    // Who names a rule wants it, even where the configuration switches it off.
    if (severity === 'off') return named ? [{ rule, severity: rule.meta.severity }] : [];
    return [{ rule, severity }];
  });
}
