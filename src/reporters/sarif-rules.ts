import type { Finding } from '../model/finding.ts';
import type { Rule, RuleMeta, Severity } from '../model/rule.ts';
import { exampleText } from '../text/example.ts';

export const LEVELS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'note' };

/** GitHub's word for the severity of a rule that is not about security. */
const PROBLEM_SEVERITIES: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'recommendation' };

/** GitHub cuts or refuses what is longer. */
const LONGEST_TEXT = 1024;
const MOST_TAGS = 20;

interface Text {
  readonly text: string;
}

export interface RuleDescriptor {
  readonly id: string;
  readonly name: string;
  readonly shortDescription: Text;
  readonly fullDescription: Text;
  readonly help: Text & { readonly markdown: string };
  readonly helpUri: string;
  readonly defaultConfiguration: { readonly level: string };
  readonly properties: { readonly tags: readonly string[]; readonly precision: 'high'; readonly 'problem.severity': string };
}

/** The rules of the run, sorted, and those that only findings know, such as the engine's own. */
export function ruleDescriptors(rules: readonly Rule[], findings: readonly Finding[]): readonly RuleDescriptor[] {
  const byId = new Map(rules.map(({ meta }) => [meta.id, describe(meta)]));
  for (const finding of findings) if (!byId.has(finding.rule)) byId.set(finding.rule, describeUnknown(finding));
  return [...byId.values()].sort((left, right) => (left.id < right.id ? -1 : 1));
}

function describe(meta: RuleMeta): RuleDescriptor {
  const { id, aliases, severity, summary, why, source, meshes = [] } = meta;
  const help = { text: helpText(meta), markdown: helpMarkdown(meta) };
  return descriptor({ id, severity, summary, why, help, helpUri: source, tags: [...meshes, ...aliases] });
}

function describeUnknown({ rule, severity, docs, aliases }: Finding): RuleDescriptor {
  return descriptor({
    id: rule,
    severity,
    summary: rule,
    why: rule,
    help: { text: docs, markdown: `<${docs}>` },
    helpUri: docs,
    tags: aliases,
  });
}

interface Description {
  readonly id: string;
  readonly severity: Severity;
  readonly summary: string;
  readonly why: string;
  readonly help: RuleDescriptor['help'];
  readonly helpUri: string;
  readonly tags: readonly string[];
}

function descriptor({ id, severity, summary, why, help, helpUri, tags }: Description): RuleDescriptor {
  const [family, name = family] = id.split('/') as [string, string?];
  return {
    id,
    name: pascalCase(name),
    shortDescription: { text: cut(summary) },
    fullDescription: { text: cut(why) },
    help,
    helpUri,
    defaultConfiguration: { level: LEVELS[severity] },
    properties: {
      tags: [...new Set([family, ...tags])].slice(0, MOST_TAGS),
      precision: 'high',
      'problem.severity': PROBLEM_SEVERITIES[severity],
    },
  };
}

const pascalCase = (words: string): string => words.replace(/(?:^|-)(.)/g, (_, first: string) => first.toUpperCase());

const cut = (text: string): string => (text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT - 1)}…`);

function helpText({ summary, why, bad, good, source }: RuleMeta): string {
  return [summary, why, `Wrong:\n${exampleText(bad)}`, `Right:\n${exampleText(good)}`, `See ${source}`].join('\n\n');
}

function helpMarkdown({ summary, why, bad, good, differs, aliases, source }: RuleMeta): string {
  return [
    summary,
    `**Why:** ${why}`,
    `**Wrong:**\n\n${example(bad)}`,
    `**Right:**\n\n${example(good)}`,
    ...(differs === undefined ? [] : [`**Differs from ${aliases.join(', ') || 'similar checks of other tools'}:** ${differs}`]),
    ...(aliases.length === 0 ? [] : [`**Also known as:** ${aliases.join(', ')}`]),
    `**Source:** <${source}>`,
  ].join('\n\n');
}

/** Wrong and right are the rule's own examples, which a test runs. */
const example = (yaml: string): string => `\`\`\`yaml\n${exampleText(yaml)}\n\`\`\``;
