import { describe, expect, it } from 'vitest';
import { parseSuppression, type Suppression, type SuppressResult, suppress } from '../../src/analysis/suppress.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { FieldPath } from '../../src/model/resource.ts';
import { resourcesFrom } from '../builders.ts';
import { finding, rule } from './rules.ts';

const rules = [rule('istio-routing/host-exists', { aliases: ['IST0101'] }), rule('istio-service/port-named', { aliases: ['IST0118'] })];
const RAN = new Set(rules.map((entry) => entry.meta.id));

const service = (head = '', annotations = '{}', comment = ''): string =>
  `${head}apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  namespace: shop\n  annotations: ${annotations}\nspec:\n  ports:\n${comment}    - port: 80\n`;

/** Runs one finding of each rule, both at the port, through the suppressions. */
function outcome(
  yaml: string,
  outside: readonly Suppression[] = [],
  ran: ReadonlySet<string> = RAN,
  path: FieldPath = ['spec', 'ports', 0, 'port'],
): SuppressResult {
  const resources = resourcesFrom(yaml, 'k8s/web.yaml');
  const findings: readonly Finding[] = resources.flatMap((resource) =>
    rules.map((entry) => finding(entry.meta.id, resource, path, entry.meta.aliases)),
  );
  return suppress(findings, resources, outside, rules, ran);
}

const keptBy = (result: SuppressResult): readonly string[] => result.kept.map((entry) => entry.rule);

describe('suppress', () => {
  it.each([
    ['IST0101=Service shop/web', 1],
    ['IST0101=Service web.shop', 1],
    ['istio-routing/host-exists=Service shop/*', 1],
    ['IST0101', 1],
    ['*=Service shop/*', 0],
    ['IST0101=Service other/*', 2],
    ['IST0101=VirtualService shop/web', 2],
  ])('by flag %s keeps %i', (flag, kept) => {
    expect(keptBy(outcome(service(), [parseSuppression(flag)]))).toHaveLength(kept);
  });

  it('by file path', () => {
    expect(keptBy(outcome(service(), [{ rule: 'IST0101', path: 'k8s/**', by: 'config' }]))).toEqual(['istio-service/port-named']);
    expect(keptBy(outcome(service(), [{ rule: 'IST0101', path: 'other/**', by: 'config' }]))).toHaveLength(2);
  });

  it.each([
    ['meshctl.dev/ignore: IST0101', 1],
    ['meshctl.dev/ignore: "istio-routing/host-exists, IST0118"', 0],
    ['galley.istio.io/analyze-suppress: "IST0101,IST0118"', 0],
    ['galley.istio.io/analyze-suppress: "*"', 0],
    ['meshctl.dev/ignore: IST0999', 2],
  ])('by annotation %s keeps %i', (annotation, kept) => {
    expect(keptBy(outcome(service('', `{ ${annotation} }`)))).toHaveLength(kept);
  });

  it.each([
    ['behind the line', service('', '{}', '').replace('port: 80', 'port: 80 # meshctl-ignore IST0101'), 1],
    ['above the line', service('', '{}', '    # meshctl-ignore IST0101\n'), 1],
    ['above the line, several', service('', '{}', '    # meshctl-ignore IST0101\n    # meshctl-ignore IST0118\n'), 0],
    ['above the object', service('# meshctl-ignore IST0101 IST0118\n'), 0],
    ['above the object, naming nothing', service('# meshctl-ignore\n'), 0],
    ['at another line', service().replace('name: web', 'name: web # meshctl-ignore IST0101'), 2],
  ])('by comment %s', (_, yaml, kept) => {
    expect(keptBy(outcome(yaml))).toHaveLength(kept);
  });

  it('tells who suppressed, and why', () => {
    const result = outcome(service('# meshctl-ignore IST0101 -- known since 2024\n'));
    expect(result.suppressed.map((entry) => entry.by)).toEqual(['comment at k8s/web.yaml:1: known since 2024']);
  });

  it('tells which suppressions were of no use', () => {
    expect(outcome(service(), [parseSuppression('IST0101=Service gone/*')]).unused).toEqual(["--suppress 'IST0101=Service gone/*'"]);
    expect(outcome(service(), [parseSuppression('IST0101')]).unused).toEqual([]);
  });

  it('does not call a suppression unused whose rule did not run, or is none of ours', () => {
    expect(outcome(service(), [parseSuppression('IST0101=x')], new Set(['istio-service/port-named'])).unused).toEqual([]);
    expect(outcome(service('', '{ galley.istio.io/analyze-suppress: IST0106 }')).unused).toEqual([]);
  });

  it('tells which names mean no rule, but leaves the codes of other tools alone', () => {
    const comment = outcome(service('# meshctl-ignore ISTO101\n'));
    expect(comment.unknown).toEqual([{ by: 'comment at k8s/web.yaml:1', name: 'ISTO101' }]);
    expect(outcome(service('', '{ galley.istio.io/analyze-suppress: "IST0106,*" }')).unknown).toEqual([]);
  });

  it('refuses what is no suppression', () => {
    expect(() => parseSuppression('IST0101=')).toThrow('"IST0101=" is not a suppression.');
  });
});
