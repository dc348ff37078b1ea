/** Expressions as the API server evaluates them. */
import { describe, expect, it } from 'vitest';
import { evaluator } from '../../src/structure/cel.ts';
import { patterns } from '../../src/structure/patterns.ts';
import { parseRequestAddress } from '../../src/structure/request-address.ts';
import type { CelRule, Schema } from '../../src/structure/schema.ts';

const { judge } = evaluator(patterns());
const whole = { isComplete: true };

function broken(rule: string | CelRule, value: unknown, schema: Schema = {}): readonly string[] {
  const rules = [typeof rule === 'string' ? { rule, message: 'no' } : rule];
  return judge({ rules, schema, value, path: ['a'] }, whole).map(({ message }) => message);
}

describe('expressions', () => {
  it.each<[string, unknown, boolean]>([
    ['self > 0', 1, true],
    ['self > 0', 0, false],
    ["duration(self) >= duration('1ms')", '1m30s', true],
    ["duration(self) >= duration('1ms')", '5 s', false],
    ['int(self) > 0', 'x', false],
    ['self.all(key, !key.contains("*"))', { 'a*': '' }, false],
    ['has(self.a) && self.a == 1', { a: 1 }, true],
    ['self.__namespace__ == "x"', { namespace: 'x' }, true],
    ['self.a__dash__b == 1', { 'a-b': 1 }, true],
    ['self.b == 1', { a: 1 }, false],
    ['isURL(self)', 'https://example.com/a', true],
    ['isURL(self)', 'example.com/a', false],
    ["url(self).getScheme() in ['http', 'https']", 'ftp://example.com', false],
    ["url(self).getHost() == 'example.com:80'", 'http://example.com:80/a', true],
    ["url(self).getHostname() == 'example.com'", 'http://user@example.com:80/a', true],
    ['isIP(self)', '10.0.0.1', true],
    ['isIP(self)', '10.0.0.256', false],
    ['ip(self).family() == 6', '2001:db8::1', true],
    ['isCIDR(self)', '10.0.0.0/33', false],
    ['!format.dns1123Label().validate(self).hasValue()', 'a-b', true],
    ['!format.dns1123Label().validate(self).hasValue()', 'a.b', false],
    ["self.split('/')[0] == 'a'", 'a/b', true],
    ["self.matches('^(?i)A$')", 'a', true],
  ])('%s of %j', (rule, value, holds) => {
    const schema: Schema = typeof value === 'object' ? { properties: { a: {}, namespace: {}, 'a-b': {} } } : {};
    const isMap = typeof value === 'object' && rule.includes('key');
    expect(broken(rule, value, isMap ? { additionalProperties: {} } : schema)).toHaveLength(holds ? 0 : 1);
  });

  it('are not judged when they speak of an earlier object, or of what is unknown here', () => {
    expect(broken('self == oldSelf', 'x')).toEqual([]);
    expect(broken('authorizer.path("/").check("get").allowed()', 'x')).toEqual([]);
    expect(broken('quantity(self).isGreaterThan(quantity("1"))', '2')).toEqual([]);
    expect(broken('self ===', 'x')).toEqual([]);
  });

  it('say what they are meant to say, of the value and at the field that they name', () => {
    const rule: CelRule = { rule: 'false', message: 'plain', messageExpression: '"is not " + self', fieldPath: ".b['c']" };
    expect(judge({ rules: [rule], schema: {}, value: 'x', path: ['a'] }, whole)).toEqual([
      { is: 'rule', path: ['a', 'b', 'c'], part: 'value', message: 'Field "a" is "x", which is not valid: is not x.' },
    ]);
    expect(broken({ rule: 'self.size() > 0' }, [])).toEqual(['Field "a" is not valid: the rule self.size() > 0 does not hold.']);
  });

  it('may fail for want of a required field, whose absence is told already', () => {
    const due = { rules: [{ rule: 'self.b.c == 1', message: 'no' }], schema: { properties: { b: {} } }, value: {}, path: [] };
    expect(judge(due, { isComplete: false })).toEqual([]);
    expect(judge(due, whole)).toHaveLength(1);
  });
});

describe('parseRequestAddress', () => {
  it.each([
    ['http://example.com:8080/a%20b?c#d', { scheme: 'http', host: 'example.com:8080', hostname: 'example.com', port: '8080' }],
    ['oci://[::1]:5000/x', { scheme: 'oci', host: '[::1]:5000', hostname: '::1', port: '5000' }],
    ['/only/a/path', { scheme: '', host: '', escapedPath: '/only/a/path' }],
    ['localhost:5000/x', { scheme: 'localhost', host: '' }],
  ])('takes %s', (text, parts) => {
    expect(parseRequestAddress(text)).toMatchObject(parts);
  });

  it.each(['', 'example.com/a', 'http://a b/', 'http://a:b/', 'http://#x@', '/a%zz', '1http://a', 'a\nb'])('refuses %j', (text) => {
    expect(parseRequestAddress(text)).toBeUndefined();
  });
});
