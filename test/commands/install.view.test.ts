import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { installDocumentText, planText } from '../../src/commands/install.view.ts';
import type { InstallReport, ReportedObject } from '../../src/model/install-report.ts';

const isValid = new Ajv2020({ allErrors: true }).compile(
  JSON.parse(readFileSync(new URL('../../schemas/output/install-plan.json', import.meta.url), 'utf8')),
);

const object = (action: ReportedObject['action'], kind: string, name: string, diff?: string): ReportedObject => ({
  ...{ action, component: 'istiod', resource: { apiVersion: 'v1', kind, namespace: 'istio-system', name } },
  ...(diff === undefined ? {} : { diff }),
});

const report: InstallReport = {
  command: 'upgrade',
  mesh: 'istio',
  profile: 'default',
  context: 'kind',
  applied: false,
  components: [
    { name: 'base', chart: 'base', version: '1.30.1', release: 'istio-base', namespace: 'istio-system', action: 'unchanged' },
    { name: 'istiod', chart: 'istiod', version: '1.30.1', from: '1.30.0', release: 'istiod', namespace: 'istio-system', action: 'upgrade' },
  ],
  objects: [
    object('update', 'Deployment', 'istiod', ' spec:\n-  replicas: 1\n+  replicas: 2\n'),
    object('create', 'ConfigMap', 'new'),
    object('delete', 'ConfigMap', 'old'),
    object('unchanged', 'Service', 'istiod'),
  ],
  leftOver: [],
  notices: ['The certificate is valid until 2027-01-01.'],
};

const look = { color: false, width: undefined, verbose: false };

describe('the plan as text', () => {
  it('shows the components, then what happens to their objects, with the difference', () => {
    expect(planText(report, look)).toBe(`COMPONENT   ACTION      CHART                    RELEASE
base        unchanged   base 1.30.1              istio-system/istio-base
istiod      upgrade     istiod 1.30.0 → 1.30.1   istio-system/istiod

istiod
  update     Deployment istio-system/istiod
              spec:
             -  replicas: 1
             +  replicas: 2
  create     ConfigMap istio-system/new
  delete     ConfigMap istio-system/old
  1 object unchanged

note: The certificate is valid until 2027-01-01.

4 objects: 1 to create, 1 to update, 1 to delete, 1 unchanged
`);
  });

  it('names what stays as it is when asked for more', () => {
    expect(planText(report, { ...look, verbose: true })).toContain('  unchanged  Service istio-system/istiod\n');
  });

  it('fits a narrow terminal', () => {
    const lines = planText({ ...report, notices: ['word '.repeat(40)] }, { ...look, width: 60 }).split('\n');
    expect(lines.filter((line) => line.length > 60)).toEqual([]);
  });

  it('cuts lines of differences that are too long to read', () => {
    const long = { ...report, objects: [object('update', 'ConfigMap', 'a', `+${'x'.repeat(500)}`)] };
    const longest = (text: string): number => Math.max(...text.split('\n').map((line) => line.length));
    expect(longest(planText(long, look))).toBe(160);
    expect(longest(planText(long, { ...look, width: 80 }))).toBe(80);
    expect(planText(long, { ...look, verbose: true })).toContain(`+${'x'.repeat(500)}\n`);
  });

  it('colours differences, and shows no control character of a chart', () => {
    const evil = planText({ ...report, objects: [object('update', 'ConfigMap', 'a', '+\u001b[2Jb')] }, { ...look, color: true });
    expect(evil).toContain('\u001b[32m+␛[2Jb\u001b[39m');
  });

  it('lists what is left over', () => {
    const leftOver = [
      { resource: { apiVersion: 'v1', kind: 'Secret', namespace: 'istio-system', name: 'istio-ca-secret' }, reason: 'istiod made it.' },
    ];
    expect(planText({ ...report, leftOver }, look)).toContain('Left over\n  Secret istio-system/istio-ca-secret: istiod made it.\n');
  });
});

describe('the plan as a document', () => {
  it('follows its schema in each command', () => {
    for (const command of ['install', 'upgrade', 'uninstall'] as const) {
      isValid(JSON.parse(installDocumentText({ ...report, command }, 'json')));
      expect(isValid.errors).toBeNull();
    }
    expect(installDocumentText(report, 'yaml')).toMatch(/^apiVersion: meshctl.dev\/v1\nkind: InstallPlan\ncommand: upgrade\nmesh: istio\n/);
  });
});
