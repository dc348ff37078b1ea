/** What holds for every rule: its examples run, its inputs are what it reads, its texts follow one form. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runRules } from '../src/analysis/engine.ts';
import { fixSources } from '../src/analysis/fix.ts';
import { withEdits } from '../src/model/field-edit.ts';
import type { Finding } from '../src/model/finding.ts';
import type { Kind } from '../src/model/resource.ts';
import { recording, resourceSet } from '../src/model/resource-set.ts';
import type { Rule } from '../src/model/rule.ts';
import { families } from '../src/rules/families.ts';
import { allRules } from '../src/rules/index.ts';
import { findingsOf as findingsAmong, resourcesFrom, setFrom } from './builders.ts';
import { violationsAmong } from './structure/violations.ts';

const rulesFolder = fileURLToPath(new URL('../src/rules/', import.meta.url));
const casesFolder = fileURLToPath(new URL('../fixtures/rules/', import.meta.url));
const rules = await allRules();

/** Edge cases of a rule: YAML whose lines marked `# expect: <rule>` are the offending ones. */
function casesOf(rule: Rule): readonly { readonly name: string; readonly text: string }[] {
  const folder = `${casesFolder}${rule.meta.id}`;
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => ({ name: file, text: readFileSync(`${folder}/${file}`, 'utf8') }));
}

/** Lines that carry `# expect: <rule>`; a line may expect the rule several times (`x2`), and that it can be fixed (`fixable`). */
function expectedLines(text: string, rule: string, only?: 'fixable'): readonly number[] {
  return text.split('\n').flatMap((line, index) => {
    const match = line.match(/# expect: (\S+)(?: x(\d+))?( fixable)?/);
    const isMeant = match?.[1] === rule && (only === undefined || match[3] !== undefined);
    return isMeant ? Array<number>(Number(match[2] ?? 1)).fill(index + 1) : [];
  });
}

/** Violations of definitions are found before rules run. */
function findingsOf(rule: Rule, yaml: string): readonly Finding[] {
  return findingsAmong(rule, yaml, { violations: violationsAmong(resourcesFrom(yaml)) });
}

const linesOf = (findings: readonly Finding[]): readonly number[] =>
  findings.map((finding) => finding.position?.line ?? 0).sort((left, right) => left - right);

function kindsRead(rule: Rule, yaml: string): ReadonlySet<Kind> {
  const { set, read } = recording(setFrom(yaml));
  for (const _ of rule.check(set));
  return read;
}

/** The text after all fixes of a rule that can be made, and what is found then. */
function fixed(rule: Rule, yaml: string): { readonly text: string; readonly findings: readonly Finding[]; readonly left: number } {
  let text = yaml;
  for (;;) {
    const findings = findingsOf(rule, text);
    const [fix] = fixSources(findings);
    if (!fix || fix.after === text) return { text, findings, left: fix?.left.length ?? 0 };
    text = fix.after;
  }
}

describe('rule families', () => {
  it('are the folders of src/rules', () => {
    const folders = readdirSync(rulesFolder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map((folder) => folder.name).sort()).toEqual(Object.keys(families).sort());
  });

  it.each(Object.entries(families))('%s lists each of its files, sorted', (family, listed) => {
    const files = readdirSync(`${rulesFolder}${family}`).filter((file) => !file.startsWith('_') && file !== 'index.ts');
    expect(listed.map((rule) => rule.meta.id)).toEqual(files.map((file) => `${family}/${file.replace(/\.ts$/, '')}`).sort());
  });

  it('belong to rules that exist when they have edge cases', () => {
    const ids = new Set(rules.map((rule) => rule.meta.id));
    const folders = Object.keys(families).flatMap((family) =>
      existsSync(`${casesFolder}${family}`) ? readdirSync(`${casesFolder}${family}`).map((name) => `${family}/${name}`) : [],
    );
    expect(folders.filter((folder) => !ids.has(folder))).toEqual([]);
  });
});

describe.each(rules.map((rule) => ({ id: rule.meta.id, rule })))('$id', ({ id, rule }) => {
  const { meta } = rule;

  it('finds its bad example once and its good example not at all', () => {
    expect(findingsOf(rule, meta.bad).map((finding) => finding.message)).toHaveLength(1);
    expect(findingsOf(rule, meta.good).map((finding) => finding.message)).toEqual([]);
  });

  it('reads exactly the kinds it declares', () => {
    const inputs = [meta.bad, meta.good, ...casesOf(rule).map((edge) => edge.text)];
    const read = new Set(inputs.flatMap((yaml) => [...kindsRead(rule, yaml)]));
    expect([...read].sort()).toEqual([...meta.inputs].sort());
  });

  it('is silent on an empty input', () => {
    expect([...rule.check(resourceSet([], { complete: true }))]).toEqual([]);
  });

  it('writes its texts in the common form', () => {
    expect(meta.summary).toMatch(/^[A-Z].+[^.]\.$/);
    expect(meta.why).toMatch(/^[A-Z].+\.$/s);
    expect(meta.source).toMatch(/^https:\/\//);
    expect(meta.since).toMatch(/^\d+\.\d+\.\d+$/);
    for (const alias of meta.aliases) expect(alias).toMatch(/^(IST\d{4}|KIA\d{4})$/);
    for (const finding of findingsOf(rule, meta.bad)) {
      expect(finding.message).toMatch(/^[A-Z"].+[.?]$/s);
      expect(finding.message).not.toContain('undefined');
      if (finding.fix !== undefined) expect(finding.fix).toMatch(/^[A-Z].+[.?]$/s);
    }
  });

  it('has edits only when it is declared fixable, and they change what they say and nothing else', () => {
    const [finding] = findingsOf(rule, meta.bad);
    expect(finding?.edits !== undefined).toBe(meta.fixable === true);
    if (!finding?.edits) return;
    expect(finding.fix).toBeDefined();
    const { text, findings } = fixed(rule, meta.bad);
    expect(findings).toEqual([]);
    const wanted = resourcesFrom(meta.bad).map(({ kind, name, body }) =>
      kind === finding.resource.kind && name === finding.resource.name ? withEdits(body, finding.edits ?? []) : body,
    );
    expect(resourcesFrom(text).map(({ body }) => body)).toEqual(wanted);
  });

  for (const { name, text } of casesOf(rule)) {
    it(`handles ${name}`, () => {
      const complete = !/^# incomplete input/m.test(text);
      const settings = Object.fromEntries([...text.matchAll(/^# setting (\w+)=(\S+)/gm)].map((match) => [match[1], match[2]]));
      const resources = resourcesFrom(text);
      const set = resourceSet(resources, { complete, settings, violations: violationsAmong(resources) });
      const { findings, notChecked } = runRules([{ rule, severity: meta.severity }], set);
      expect(linesOf(findings)).toEqual(expectedLines(text, id));
      expect(notChecked.map((entry) => entry.rule)).toEqual(/^# expect not checked/m.test(text) ? [id] : []);
    });

    it(`fixes what can be fixed in ${name}`, () => {
      const fixable = (findings: readonly Finding[]): readonly Finding[] => findings.filter(({ edits }) => edits !== undefined);
      expect(linesOf(fixable(findingsOf(rule, text)))).toEqual(expectedLines(text, id, 'fixable'));
      if (meta.fixable !== true) return;
      // Nothing is taken out that has a comment.
      const plain = text.replace(/ *# expect: .*/g, '');
      const before = findingsOf(rule, plain);
      expect(fixed(rule, plain)).toMatchObject({ findings: { length: before.length - fixable(before).length }, left: 0 });
    });
  }
});
