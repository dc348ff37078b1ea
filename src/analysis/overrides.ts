/** Settings for parts of a tree: how severe rules are in the files that globs match, and what fails there. */
import type { Finding } from '../model/finding.ts';
import type { MeshId, Rule, Severity } from '../model/rule.ts';
import { pathGlob } from '../text/glob.ts';
import type { FailOn } from './config.ts';
import type { SelectedRule } from './engine.ts';
import { type Selection, selectRules } from './select.ts';

/** An entry of `analyze.overrides`; of those that match a file the later ones win. */
export interface Override {
  /** Globs over paths from the folder of the configuration file. */
  readonly paths: readonly string[];
  readonly rules?: Readonly<Record<string, Severity | 'off'>>;
  readonly failOn?: FailOn;
}

export interface Overriding {
  /** The rules that some file needs. */
  readonly selected: readonly SelectedRule[];
  /** The finding as severe as the settings of its file have it; nothing where they switch its rule off. */
  apply(finding: Finding): readonly Finding[];
}

/**
 * @param pathOf where a source is, seen from the folder of the configuration file; undefined: outside of it
 * @throws MeshctlError E_RULE for an unknown name anywhere
 */
export function overriding(
  rules: readonly Rule[],
  selection: Selection,
  inUse: ReadonlySet<MeshId>,
  overrides: readonly Override[],
  pathOf: PathOf,
): Overriding {
  const selectedBy = (layers: readonly Override[]): readonly SelectedRule[] =>
    selectRules(rules, { ...selection, severities: layered([selection.severities, ...layers.map((layer) => layer.rules ?? {})]) }, inUse);
  const base = selectedBy([]);
  if (overrides.length === 0) return { selected: base, apply: (finding) => [finding] };

  const matching = matcher(overrides, pathOf);
  const severities = new Map<string, ReadonlyMap<string, Severity>>();
  const severitiesFor = (layers: readonly Override[]): ReadonlyMap<string, Severity> => {
    const key = layers.map((layer) => overrides.indexOf(layer)).join();
    const known = severities.get(key) ?? new Map(selectedBy(layers).map(({ rule, severity }) => [rule.meta.id, severity]));
    severities.set(key, known);
    return known;
  };
  const all = [...base, ...overrides.flatMap((override) => selectedBy([override]))];
  return {
    selected: [...new Map(all.map((entry) => [entry.rule, entry])).values()],
    apply(finding) {
      const severity = severitiesFor(matching(finding)).get(finding.rule);
      return severity === undefined ? [] : [{ ...finding, severity }];
    },
  };
}

/** From which severity on a finding in its file makes the run fail. */
export function failOnIn(overrides: readonly Override[], pathOf: PathOf, standard: FailOn): (finding: Finding) => FailOn {
  const matching = matcher(overrides, pathOf);
  return (finding) => matching(finding).findLast(({ failOn }) => failOn !== undefined)?.failOn ?? standard;
}

export type PathOf = (source: string) => string | undefined;

function matcher(overrides: readonly Override[], pathOf: PathOf): (finding: Finding) => readonly Override[] {
  const compiled = overrides.map((override) => ({ override, globs: override.paths.map(pathGlob) }));
  return ({ resource: { origin } }) => {
    const path = origin && pathOf(origin.source);
    if (path === undefined) return [];
    return compiled.flatMap(({ override, globs }) => (globs.some((matches) => matches(path)) ? [override] : []));
  };
}

/** A name that stands again in a later layer is taken there, where it wins over globs of the layers before. */
function layered(layers: readonly Selection['severities'][]): Selection['severities'] {
  const names = new Map<string, Severity | 'off'>();
  for (const [name, severity] of layers.flatMap((layer) => Object.entries(layer))) {
    names.delete(name);
    names.set(name, severity);
  }
  return Object.fromEntries(names);
}
