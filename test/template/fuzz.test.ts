/** Random templates: whatever a chart says, it is rendered or refused. The seed is fixed, and a failure prints its text. */
import { describe, expect, it } from 'vitest';
import { MeshctlError } from '../../src/errors.ts';
import { functions } from '../../src/template/functions/index.ts';
import { render } from './charts.ts';

const SEED = 20_260_101;
const TEMPLATES = 3000;
const LIMITS = { steps: 20_000, characters: 200_000, work: 500_000 };

/** Keys take a processor's second to make. */
const SLOW = /^(?:gen|bcrypt|htpasswd|derivePassword|encryptAES|decryptAES)/;
const NAMES = [...functions.keys(), 'include', 'tpl', 'required', 'fail', 'lookup'].filter((name) => !SLOW.test(name));

const ATOMS = [
  ...['1', '-3', '0', '1.5', '1e30', '9223372036854775807', '-9223372036854775807', "'x'", 'true', 'nil', '""', '"a"', '"é😀"'],
  ...[
    '"2006-01-02"',
    '"1.2.3"',
    '`{"a":[1]}`',
    '"a: [b"',
    '"%d %s %v"',
    '"("',
    '(b64dec "//79")',
    '(float64 "1e400")',
    '(printf "%c" 55296)',
  ],
  ...['.', '$', '.Values', '.Values.a', '.Values.l', '.Values.m.z', '.Files', '.Capabilities', '.Chart', '.Release'],
  ...['(list)', '(list 1 "a" nil)', '(list (list 1) (dict))', '(until 3)', '(dict)', '(dict "a" 1 "b" (list 1))'],
  ...['(now)', '(semver "1.2.3")', '(mustToDuration "1s")', '(split "/" "a/b")'],
];

const BROKEN = ['{{', '}}', '{{ end }}', '{{ else }}', '{{/*', '{{ "', '{{ $y }}', '{{ .a.b', '{{ (', '{{ break }}', '{{ . | }}'];

type Random = (below: number) => number;

function randomFrom(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 8) % below;
  };
}

function templateFrom(random: Random): string {
  const pick = (items: readonly string[]): string => items[random(items.length)] ?? '';
  const expression = (depth: number): string => {
    if (depth === 0 || random(10) < 4) return pick(ATOMS);
    const args = Array.from({ length: random(4) }, () => expression(depth - 1)).join(' ');
    return random(3) === 0 ? `(${expression(depth - 1)} | ${pick(NAMES)} ${args})` : `(${pick(NAMES)} ${args})`;
  };
  const body = (depth: number): string => {
    if (depth === 0) return `{{ ${expression(2)} }}`;
    switch (random(9)) {
      case 0:
        return `{{ if ${expression(2)} }}${body(depth - 1)}{{ else }}${body(depth - 1)}{{ end }}`;
      case 1:
        return `{{ range $i, $e := ${expression(2)} }}${body(depth - 1)}{{ end }}`;
      case 2:
        return `{{ with ${expression(2)} }}${body(depth - 1)}{{ end }}`;
      case 3:
        return `{{ $x := ${expression(2)} }}{{ $x.a }}{{ $x.a.b }}`;
      case 4:
        return `{{ tpl ${expression(1)} . }}`;
      case 5:
        return pick(BROKEN);
      default:
        return `{{- ${expression(3)} -}} text ${body(depth - 1)}`;
    }
  };
  return body(3);
}

describe('random templates', () => {
  it(`are rendered or refused, ${TEMPLATES} of them`, () => {
    const random = randomFrom(SEED);
    let refused = 0;
    for (let round = 0; round < TEMPLATES; round++) {
      const text = templateFrom(random);
      try {
        render({ 'templates/t': text }, 'a: x\nl: [1, b, null]\nm: {z: 2}', { limits: LIMITS });
      } catch (error) {
        if (!(error instanceof MeshctlError)) throw new Error(`Fails in the wrong way: ${text}`, { cause: error });
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(TEMPLATES / 5);
    expect(refused).toBeLessThan(TEMPLATES);
  }, 20_000);
});
