/** Made-up rules and findings for tests of the machinery. */
import type { Finding } from '../../src/model/finding.ts';
import type { FieldPath, Resource } from '../../src/model/resource.ts';
import type { Rule, RuleMeta } from '../../src/model/rule.ts';

export function rule(id: string, meta: Partial<RuleMeta> = {}, check: Rule['check'] = () => []): Rule {
  const texts = { summary: 'All is well.', why: 'It matters.', bad: '', good: '', since: '0.1.0', source: 'https://example.com' };
  return { meta: { id, aliases: [], severity: 'error', inputs: [], ...texts, ...meta }, check };
}

export function finding(id: string, resource: Resource, path: FieldPath = [], aliases: readonly string[] = []): Finding {
  const position = resource.origin?.locate(path, 'value');
  return {
    rule: id,
    aliases,
    severity: 'error',
    message: 'It is wrong.',
    docs: 'https://example.com',
    resource,
    path,
    position,
    related: [],
  };
}
