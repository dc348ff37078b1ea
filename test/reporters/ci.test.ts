/** The formats of build servers and reviewers. */
import { describe, expect, it } from 'vitest';
import type { FieldEdit } from '../../src/model/field-edit.ts';
import type { AnalysisReport } from '../../src/model/finding.ts';
import { checkstyle } from '../../src/reporters/checkstyle.ts';
import { compact } from '../../src/reporters/compact.ts';
import { github } from '../../src/reporters/github.ts';
import { gitlab } from '../../src/reporters/gitlab.ts';
import { reporterNamed, reporterNames } from '../../src/reporters/index.ts';
import { junit } from '../../src/reporters/junit.ts';
import { markdown } from '../../src/reporters/markdown.ts';
import { rdjsonl } from '../../src/reporters/rdjsonl.ts';
import { editDocument } from '../../src/text/document-edit.ts';
import {
  broken,
  clean,
  merged,
  oneError,
  plainLook,
  RULE,
  reportOf,
  route,
  service,
  suppressedBy,
  unchecked,
  withFinding,
} from './reports.ts';

const live = reportOf(`${route('reviewz')}---\n${service('reviews')}`, { live: true, severity: 'warning' });
const MESSAGE = 'Host "reviewz" is not a service that namespace "shop" can see (looked for "reviewz.shop.svc.cluster.local").';

describe('reporters', () => {
  it('are found by name, and only by their own', async () => {
    expect(reporterNames).toEqual([
      ...['text', 'json', 'yaml', 'sarif', 'junit', 'github', 'gitlab'],
      ...['compact', 'checkstyle', 'rdjsonl', 'markdown'],
    ]);
    for (const name of reporterNames) expect((await reporterNamed(name))?.(clean, plainLook)).toBeTypeOf('string');
    expect(await reporterNamed('constructor')).toBeUndefined();
  });

  it.each(reporterNames)('%s neither fails on nor is changed by an empty report', async (name) => {
    const empty: AnalysisReport = { findings: [], suppressed: [], notChecked: [], errors: [], resources: [], files: 0 };
    const reporter = await reporterNamed(name);
    expect(reporter?.(empty, plainLook)).toBe(reporter?.(empty, { ...plainLook, color: name !== 'text', width: 80 }));
  });
});

describe('github', () => {
  it('writes a command for each finding, input errors first, then by severity', () => {
    const warning = reportOf(route('reviewz'), { source: 'a.yaml', severity: 'warning' });
    const info = reportOf(route('reviewz'), { source: './deploy/b.yaml', severity: 'info' });
    const lines = github(merged(info, warning, oneError, broken), plainLook).split('\n');
    expect(lines.map((line) => line.slice(0, line.indexOf('::', 2)))).toEqual([
      '::error file=broken.yaml,line=2,col=1,title=input not read',
      `::error file=shop.yaml,line=8,endLine=8,col=32,endColumn=39,title=${RULE} IST0101 KIA1101`,
      `::warning file=a.yaml,line=8,endLine=8,col=32,endColumn=39,title=${RULE} IST0101 KIA1101`,
      `::notice file=deploy/b.yaml,line=8,endLine=8,col=32,endColumn=39,title=${RULE} IST0101 KIA1101`,
      '',
    ]);
    expect(lines[1]).toMatch(/::Host "reviewz" .+%0ADid you mean "reviews"\?%0AVirtualService shop\/reviews spec\.http\[0\]/);
  });

  it('escapes percent signs, colons, commas and line breaks', () => {
    const report = withFinding(reportOf(route('reviewz'), { source: 'a,b:50%.yaml' }), {
      rule: 'x:y,z',
      aliases: [],
      message: '100%: a, b\r\nc',
      fix: undefined,
    });
    expect(github(report, plainLook)).toBe(
      '::error file=a%2Cb%3A50%25.yaml,line=8,endLine=8,col=32,endColumn=39,title=x%3Ay%2Cz::100%25: a, b%0D%0Ac%0AVirtualService shop/reviews spec.http[0].route[0].destination.host\n',
    );
  });

  it('lets no escape sequence into the log', () => {
    const lines = github(withFinding(oneError, { message: 'red \u001b[31m' }), plainLook);
    expect(lines).toContain('::red \u241b[31m%0A');
  });

  it('gives no columns to what spans lines', () => {
    const position = { source: 'a.yaml', line: 3, column: 5, endLine: 4, endColumn: 2 };
    expect(github(withFinding(oneError, { position }), plainLook)).toMatch(/^::error file=a\.yaml,line=3,endLine=4,title=/);
  });

  it('names no file for objects of a cluster, and prints nothing without findings', () => {
    expect(github(live, plainLook)).toMatch(/^::warning title=istio-routing/);
    expect(github(clean, plainLook)).toBe('');
  });
});

describe('gitlab', () => {
  it('writes what a code quality report must have', () => {
    expect(JSON.parse(gitlab(merged(oneError, broken), plainLook))).toEqual([
      {
        description: 'The key "a" stands twice in this mapping.',
        check_name: 'input-not-read',
        fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
        severity: 'critical',
        location: { path: 'broken.yaml', lines: { begin: 2 } },
      },
      {
        description: `${MESSAGE} Did you mean "reviews"?`,
        check_name: RULE,
        fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
        severity: 'critical',
        location: { path: 'shop.yaml', lines: { begin: 8 } },
      },
    ]);
  });

  it('is an empty list without findings', () => {
    expect(gitlab(clean, plainLook)).toBe('[]\n');
    expect(gitlab(suppressedBy('baseline', oneError), plainLook)).toBe('[]\n');
  });

  it('gives every entry a fingerprint of its own', () => {
    const same = merged(oneError, oneError, broken, broken, live);
    const report = { ...same, findings: same.findings.map((finding) => ({ ...finding })) };
    const entries: readonly { readonly fingerprint: string }[] = JSON.parse(gitlab(report, plainLook));
    expect(new Set(entries.map(({ fingerprint }) => fingerprint)).size).toBe(5);
  });

  it('writes paths without ./ and names a place for objects of a cluster', () => {
    const report = merged(reportOf(route('reviewz'), { source: './a.yaml', severity: 'info' }), live);
    expect(JSON.parse(gitlab(report, plainLook))).toMatchObject([
      { severity: 'info', location: { path: 'a.yaml', lines: { begin: 8 } } },
      { severity: 'major', location: { path: 'cluster/networking.istio.io/VirtualService/shop/reviews', lines: { begin: 1 } } },
    ]);
  });
});

describe('junit', () => {
  it('has a suite for each file and a case for each finding and each clean object', () => {
    expect(junit(oneError, plainLook)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="meshctl" tests="2" failures="1" errors="0" time="0">
  <testsuite name="shop.yaml" tests="2" failures="1" errors="0" skipped="0" time="0" package="meshctl">
    <testcase classname="VirtualService shop/reviews" name="istio-routing/destination-host-exists spec.http[0].route[0].destination.host" file="shop.yaml" line="8" time="0"><failure type="error" message="Host &quot;reviewz&quot; is not a service that namespace &quot;shop&quot; can see (looked for &quot;reviewz.shop.svc.cluster.local&quot;)."><![CDATA[shop.yaml:8:32
VirtualService shop/reviews
${MESSAGE}
  7 |     - route:
  8 |         - destination: { host: reviewz }
    |                                ^^^^^^^
fix: Did you mean "reviews"?
https://istio.io/latest/docs/reference/config/analysis/ist0101/]]></failure></testcase>
    <testcase classname="Service shop/reviews" name="no findings" file="shop.yaml" line="10" time="0"/>
  </testsuite>
</testsuites>
`);
  });

  it('counts errors and skipped cases', () => {
    const text = junit(
      merged(oneError, suppressedBy('baseline old.json', reportOf(route('reviewz'), { source: 'b.yaml' })), broken, unchecked, live),
      plainLook,
    );
    expect(text).toContain('<testsuites name="meshctl" tests="8" failures="2" errors="1" time="0">');
    expect(
      [...text.matchAll(/<testsuite name="([^"]+)" tests="(\d)" failures="(\d)" errors="(\d)" skipped="(\d)"/g)].map((match) =>
        match.slice(1),
      ),
    ).toEqual([
      ['(cluster)', '2', '1', '0', '0'],
      ['(not checked)', '1', '0', '0', '1'],
      ['alone.yaml', '1', '0', '0', '0'],
      ['b.yaml', '1', '0', '0', '1'],
      ['broken.yaml', '1', '0', '1', '0'],
      ['shop.yaml', '2', '1', '0', '0'],
    ]);
    expect(text).toContain('<skipped message="Suppressed by baseline old.json: Host &quot;reviewz&quot;');
    expect(text).toContain('<error type="input" message="The key &quot;a&quot; stands twice in this mapping."><![CDATA[broken.yaml:2:1\n');
  });

  it('fails nothing for an info', () => {
    expect(junit(reportOf(route('reviewz'), { severity: 'info' }), plainLook)).toContain('failures="0" errors="0" time="0"');
  });

  it('writes no character that XML forbids, and no early end of a section', () => {
    const text = junit(withFinding(oneError, { message: 'a\u0000b\u001b[31mc]]>d <&"\'> \ud800 😀\nnext\ttab' }), plainLook);
    expect(text).toContain('message="ab[31mc]]&gt;d &lt;&amp;&quot;&apos;&gt;  😀&#10;next&#9;tab"');
    expect(text).toContain('ab[31mc]]]]><![CDATA[>d <&"\'>  😀\nnext\ttab');
    expect(text).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/);
  });

  it('gives cases of one name a number', () => {
    const [finding] = oneError.findings;
    const text = junit({ ...oneError, findings: finding ? [finding, finding] : [] }, plainLook);
    expect(text).toContain(' name="istio-routing/destination-host-exists spec.http[0].route[0].destination.host (2)"');
  });
});

describe('compact', () => {
  it('is one line for each finding, with its place before it', () => {
    expect(compact(merged(oneError, broken), plainLook)).toBe(
      `broken.yaml:2:1: error: The key "a" stands twice in this mapping. [input-not-read]
shop.yaml:8:32: error: ${MESSAGE} Did you mean "reviews"? [${RULE}]
`,
    );
  });

  it('keeps what spans lines on one, and names a place for objects of a cluster', () => {
    const lines = compact(merged(withFinding(oneError, { message: 'a\n\u001b[31mb', fix: undefined }), live), plainLook).split('\n');
    expect(lines[0]).toBe(`shop.yaml:8:32: error: a \u241b[31mb [${RULE}]`);
    expect(lines[1]).toMatch(/^cluster\/networking\.istio\.io\/VirtualService\/shop\/reviews:1:1: warning: Host /);
  });

  it('is empty without findings', () => {
    expect(compact(clean, plainLook)).toBe('');
  });
});

describe('checkstyle', () => {
  it('has a file for each input with findings, and an error for each of them', () => {
    expect(checkstyle(merged(oneError, broken, clean), plainLook)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<checkstyle version="4.3">
  <file name="broken.yaml">
    <error line="2" column="1" severity="error" message="The key &quot;a&quot; stands twice in this mapping." source="meshctl.input-not-read"/>
  </file>
  <file name="shop.yaml">
    <error line="8" column="32" severity="error" message="${MESSAGE.replaceAll('"', '&quot;')} Did you mean &quot;reviews&quot;?" source="meshctl.${RULE}"/>
  </file>
</checkstyle>
`);
  });

  it('names a place for objects of a cluster, and holds no file without findings', () => {
    expect(checkstyle(live, plainLook)).toContain(
      '<file name="cluster/networking.istio.io/VirtualService/shop/reviews">\n    <error line="1" severity="warning"',
    );
    expect(checkstyle(clean, plainLook)).not.toContain('<file');
  });
});

const HOST = ['spec', 'http', 0, 'route', 0, 'destination', 'host'] as const;

interface Place {
  readonly line: number;
  readonly column: number;
}

/** Where a line and a byte of it are in a file. */
function offset(bytes: Buffer, { line, column }: Place): number {
  let start = 0;
  for (let number = 1; number < line; number++) start = bytes.indexOf('\n', start) + 1;
  return start + column - 1;
}

describe('rdjsonl', () => {
  const lines = (report: AnalysisReport): readonly unknown[] =>
    rdjsonl(report, plainLook)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));

  it('is one diagnostic a line', () => {
    expect(lines(merged(oneError, broken))).toEqual([
      {
        message: 'The key "a" stands twice in this mapping.',
        location: { path: 'broken.yaml', range: { start: { line: 2, column: 1 } } },
        severity: 'ERROR',
        source: { name: 'meshctl' },
        code: { value: 'input-not-read' },
      },
      {
        message: `${MESSAGE} Did you mean "reviews"?`,
        location: { path: 'shop.yaml', range: { start: { line: 8, column: 32 }, end: { line: 8, column: 39 } } },
        severity: 'ERROR',
        source: { name: 'meshctl' },
        code: { value: RULE, url: expect.stringMatching(/^https:/) },
      },
    ]);
  });

  it('counts columns in bytes of UTF-8', () => {
    const report = reportOf(route('ä€😀').replace('destination: { host', 'destination: { ü: 1, host'));
    const [{ start, end }] = lines(report).map(
      (line) => (line as { location: { range: { start: object; end: object } } }).location.range,
    ) as [{ start: object; end: object }];
    // "ü: 1, " is one byte longer than it looks; the host is of 2, 3 and 4 bytes.
    expect([start, end]).toEqual([
      { line: 8, column: 39 },
      { line: 8, column: 48 },
    ]);
  });

  it('suggests what --fix would write', () => {
    const fixable = withFinding(oneError, { edits: [{ is: 'set', path: HOST, value: 'reviews' }] });
    expect(lines(merged(fixable, suppressedBy('baseline', fixable)))).toMatchObject([
      { suggestions: [{ range: { start: { line: 8, column: 38 }, end: { line: 8, column: 39 } }, text: 's' }] },
    ]);
    expect(lines(oneError)[0]).not.toHaveProperty('suggestions');
    expect(lines(withFinding(oneError, { edits: [{ is: 'remove', path: ['spec', 'none'] }] }))[0]).not.toHaveProperty('suggestions');
  });

  it.each<[string, string, FieldEdit]>([
    ['behind letters of several bytes', route('"ä€\u{1f600}z"'), { is: 'set', path: HOST, value: 'ä€\u{1f600}s' }],
    ['of letters of several bytes', route('"ä€\u{1f600}"'), { is: 'set', path: HOST, value: 'ü\u{1f601}' }],
    ['that is a new line', route('reviewz').replaceAll('\n', '\r\n'), { is: 'set', path: ['spec', 'priority'], value: 1 }],
    ['that takes a line out', route('reviewz').replaceAll('\n', '\r\n'), { is: 'remove', path: ['spec', 'hosts'] }],
    ['that takes the last lines out', route('reviewz').replaceAll('\n', '\r\n'), { is: 'remove', path: ['spec', 'http'] }],
    ['that takes the last lines out, without an end', route('reviewz').trimEnd(), { is: 'remove', path: ['spec', 'http'] }],
    ['in the second document', `${service('ä')}---\n${route('reviewz')}`, { is: 'move', path: ['spec', 'hosts'], to: ['spec', 'ü'] }],
  ])('gives the range of a change %s in lines that there are, and bytes', (_, text, edit) => {
    const report = withFinding(reportOf(text), { edits: [edit] });
    const [{ suggestions }] = lines(report) as [{ suggestions: readonly [{ range: { start: Place; end: Place }; text: string }] }];
    const [{ range, text: written }] = suggestions;
    expect(range.end.line).toBeLessThanOrEqual(text.trimEnd().split('\n').length);
    const bytes = Buffer.from(text);
    const changed = Buffer.concat([
      bytes.subarray(0, offset(bytes, range.start)),
      Buffer.from(written),
      bytes.subarray(offset(bytes, range.end)),
    ]);
    const [first = '', second = ''] = text.split('---\n');
    const expected = second === '' ? editDocument(first, [edit]) : `${first}---\n${editDocument(second, [edit])}`;
    expect(changed.toString()).toBe(expected);
  });

  it('gives no range to objects of a cluster, and tells where related ones are', () => {
    expect(lines(live)).toMatchObject([
      { location: { path: 'cluster/networking.istio.io/VirtualService/shop/reviews' }, severity: 'WARNING' },
    ]);
    const related = reportOf(service('reviews')).resources;
    expect(lines(withFinding(oneError, { related }))).toMatchObject([
      { relatedLocations: [{ message: 'Service shop/reviews', location: { path: 'shop.yaml', range: { start: { line: 1 } } } }] },
    ]);
  });
});

describe('markdown', () => {
  it('marks what --fix mends', () => {
    const fixable = withFinding(oneError, { edits: [{ is: 'remove', path: ['spec', 'hosts'] }] });
    expect(markdown(fixable, plainLook)).toContain('**Fix:** Did you mean "reviews"? (`--fix` does it)\n');
    expect(markdown(fixable, plainLook)).toContain('; 1 fixable with --fix**');
  });

  it('has a table, the code to unfold, and what was not read or checked', () => {
    expect(markdown(merged(oneError, broken, unchecked), plainLook)).toBe(`## meshctl analyze

**1 problem (1 error, 0 warnings, 0 infos) in 3 files, 3 resources; 1 rule not checked; 1 input not fully read**

| Severity | Rule | Place | Problem |
| --- | --- | --- | --- |
| error | [istio-routing/destination-host-exists](https://istio.io/latest/docs/reference/config/analysis/ist0101/) | <code>shop.yaml:8:32</code><br>VirtualService shop/reviews | ${MESSAGE} |

<details>
<summary>error istio-routing/destination-host-exists IST0101 KIA1101: VirtualService shop/reviews</summary>

${MESSAGE}<br><code>spec.http\\[0\\].route\\[0\\].destination.host</code>

\`\`\`text
  7 |     - route:
  8 |         - destination: { host: reviewz }
    |                                ^^^^^^^
\`\`\`

**Fix:** Did you mean "reviews"?

</details>

| Not read | Reason |
| --- | --- |
| <code>broken.yaml:2:1</code> | The key "a" stands twice in this mapping. |

| Not checked | Reason |
| --- | --- |
| istio-routing/destination-host-exists | The input holds no Service in namespace "shop". Add them, or pass --complete if there are none. |
`);
  });

  it('says so when there is no problem', () => {
    expect(markdown(clean, plainLook)).toBe('## meshctl analyze\n\n**No problems in 1 file, 2 resources**\n');
  });

  it('lets no markup of the input through', () => {
    const report = withFinding(oneError, { message: 'a | b <script> *x* `y`\n[z](http://x) _u_' });
    expect(markdown(report, plainLook)).toContain('| a &#124; b &lt;script&gt; \\*x\\* \\`y\\` \\[z\\](http://x) \\_u\\_ |');
  });

  it('fences code that holds a fence', () => {
    const report = reportOf(`${route('"a```b"')}---\n${service('reviews')}`);
    expect(markdown(report, plainLook)).toMatch(/\n````text\n.*```b".*\n````\n/s);
  });

  it('shows the most severe of many, so that GitHub takes the page', () => {
    const many = (count: number, severity: 'error' | 'info'): AnalysisReport => {
      const [one] = oneError.findings;
      return { ...oneError, findings: one ? Array.from({ length: count }, () => ({ ...one, severity })) : [] };
    };
    const page = markdown(merged(many(600, 'info'), many(10, 'error')), plainLook);
    expect(page).toContain('The 500 most severe are shown, 110 are not');
    expect(page.match(/^\| error \|/gm)).toHaveLength(10);
    expect(page.match(/^\| info \|/gm)).toHaveLength(490);
  });
});
