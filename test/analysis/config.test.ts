import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/analysis/config.ts';

const NOW = Date.parse('2026-06-01');
const parse = (text: string): unknown => parseConfig(text, 'meshctl.yaml', NOW);

describe('parseConfig', () => {
  it('reads every setting', () => {
    const text = `
analyze:
  complete: true
  failOn: warning
  minSeverity: info
  mesh: istio
  clusterDomain: example.org
  exclude: [vendor/]
  rules: { IST0102: off, IST0118: warning }
  overrides:
    - { paths: [legacy/], rules: { IST0101: off }, failOn: never }
    - paths: ["*.tmp.yaml"]
  suppress:
    - { rule: IST0101, resource: VirtualService shop/*, reason: known }
    - { rule: IST0101, until: "2026-01-01" }
`;
    expect(parse(text)).toEqual({
      complete: true,
      failOn: 'warning',
      minSeverity: 'info',
      mesh: 'istio',
      clusterDomain: 'example.org',
      exclude: ['vendor/'],
      rules: { IST0102: 'off', IST0118: 'warning' },
      overrides: [{ paths: ['legacy/'], rules: { IST0101: 'off' }, failOn: 'never' }, { paths: ['*.tmp.yaml'] }],
      suppress: [
        { rule: 'IST0101', resource: 'VirtualService shop/*', reason: 'known', by: 'meshctl.yaml: analyze.suppress[0]' },
        { rule: 'IST0101', by: 'meshctl.yaml: analyze.suppress[1]', ended: '2026-01-01' },
      ],
    });
  });

  it.each(['', '# nothing\n', 'apiVersion: meshctl.dev/v1\nkind: Config\n'])('takes %j for no settings', (text) => {
    expect(parse(text)).toEqual({});
  });

  it.each([
    ['analyze:\n  fialOn: error\n', 'meshctl.yaml:2:3: "analyze.fialOn" is not a setting; did you mean "failOn"?'],
    ['analyze:\n  failOn: fatal\n', 'meshctl.yaml:2:3: "analyze.failOn" is "fatal", but must be one of error, warning, info, never.'],
    ['analyze:\n  complete: 1\n', 'meshctl.yaml:2:3: "analyze.complete" must be true or false.'],
    [
      'analyze:\n  rules: { IST0101: loud }\n',
      'meshctl.yaml:2:12: "analyze.rules.IST0101" is "loud", but must be one of error, warning, info, off.',
    ],
    ['analyze:\n  suppress:\n    - resource: x\n', 'meshctl.yaml:3:7: "analyze.suppress.0" has no rule.'],
    [
      'analyze:\n  suppress:\n    - { rule: x, until: soon }\n',
      'meshctl.yaml:3:18: "analyze.suppress.0.until" must be a date such as 2027-01-31.',
    ],
    ['analyze:\n  overrides: [{ rules: {} }]\n', 'meshctl.yaml:2:15: "analyze.overrides.0" has no paths.'],
    ['analyze:\n  overrides: [{ paths: [] }]\n', 'meshctl.yaml:2:17: "analyze.overrides.0.paths" names no path.'],
    [
      'analyze:\n  overrides: [{ paths: [a], rule: x }]\n',
      'meshctl.yaml:2:29: "analyze.overrides.0.rule" is not a setting; did you mean "rules"?',
    ],
    ['kind: Confg\n', 'meshctl.yaml:1:1: "kind" is "Confg", but must be one of Config.'],
    ['a: b: c', 'meshctl.yaml:1:5: A second ": " stands in this line; write a text that has one in quotes.'],
    ['- x\n', 'meshctl.yaml:1:1: The file must be a mapping.'],
  ])('refuses %j with its place', (text, message) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'E_CONFIG', message }));
  });
});
