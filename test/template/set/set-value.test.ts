/** The --set flags as Helm 4 reads them. */
import { describe, expect, it } from 'vitest';
import { mapFrom } from '../../../src/template/chart/chart.ts';
import { toJson } from '../../../src/template/json.ts';
import { type SetFlag, setValue } from '../../../src/template/set/set-value.ts';
import { typeOf } from '../../../src/template/value.ts';
import { failureOf } from '../charts.ts';

const READ: readonly (readonly [flag: SetFlag, text: string, values: string])[] = [
  ['set', 'a=1', '{"a":1}'],
  ['set', 'a=b,c=d', '{"a":"b","c":"d"}'],
  ['set', 'a.b.c=1', '{"a":{"b":{"c":1}}}'],
  ['set', 'a=true', '{"a":true}'],
  ['set', 'a=TRUE', '{"a":true}'],
  ['set', 'a=null', '{"a":null}'],
  ['set', 'a=Null', '{"a":null}'],
  ['set', 'a=0', '{"a":0}'],
  ['set', 'a=007', '{"a":"007"}'],
  ['set', 'a=-5', '{"a":-5}'],
  ['set', 'a=+5', '{"a":5}'],
  ['set', 'a=1.5', '{"a":"1.5"}'],
  ['set', 'a=1e3', '{"a":"1e3"}'],
  ['set', 'a=9223372036854775807', '{"a":9223372036854775807}'],
  ['set', 'a=9223372036854775808', '{"a":"9223372036854775808"}'],
  ['set', 'a=', '{"a":""}'],
  ['set', 'a=,b=1', '{"a":"","b":1}'],
  ['set', 'a={x,y}', '{"a":["x","y"]}'],
  ['set', 'a={x, y,1,true,null}', '{"a":["x"," y",1,true,null]}'],
  ['set', 'a={}', '{"a":[""]}'],
  ['set', 'a={x},b=1', '{"a":["x"],"b":1}'],
  ['set', 'a={x}b=1', '{"a":["x"],"b":1}'],
  ['set', 'a[0]=x', '{"a":["x"]}'],
  ['set', 'a[1]=x', '{"a":[null,"x"]}'],
  ['set', 'a[0].b=1,a[0].c=2', '{"a":[{"b":1,"c":2}]}'],
  ['set', 'a[0][1]=x', '{"a":[[null,"x"]]}'],
  ['set', 'a[0]={x,y}', '{"a":[["x","y"]]}'],
  ['set', 'a\\.b=1', '{"a.b":1}'],
  ['set', 'a\\,b=1', '{"a,b":1}'],
  ['set', 'a=x\\,y', '{"a":"x,y"}'],
  ['set', 'a=x\\=y', '{"a":"x=y"}'],
  ['set', 'a=x=y', '{"a":"x=y"}'],
  ['set', 'a=\\{x\\}', '{"a":"{x}"}'],
  ['set', 'a=x\\', '{"a":"x"}'],
  ['set', 'a=\\n', '{"a":"n"}'],
  ['set', 'a b= c d ', '{"a b":" c d "}'],
  ['set', ' a=1', '{" a":1}'],
  ['set', '', '{}'],
  ['set', 'a=1,', '{"a":1}'],
  ['set', 'a.b=1,a.c=2', '{"a":{"b":1,"c":2}}'],
  ['set', 'a[0]=1,a[0].b=2', '{"a":[{"b":2}]}'],
  ['set', 'a[2].x=1,a[0].x=2', '{"a":[{"x":2},null,{"x":1}]}'],
  ['set', 'é.ü=ö', '{"é":{"ü":"ö"}}'],
  ['set', 'a[0]=,b=1', '{"a":[""],"b":1}'],
  ['set', 'a="x"', '{"a":"\\"x\\""}'],
  ['set', "a='x'", '{"a":"\'x\'"}'],
  ['set', 'a=@f', '{"a":"@f"}'],
  ['set', 'a[+1]=x', '{"a":[null,"x"]}'],
  ['set', 'a[01]=x', '{"a":[null,"x"]}'],
  ['set', 'a=\\,,b=2', '{"a":",","b":2}'],
  ['set', 'a={x\\,y,z}', '{"a":["x,y","z"]}'],
  ['set', 'a={x=y}', '{"a":["x=y"]}'],
  ['set', 'a.b[0].c[1].d=x', '{"a":{"b":[{"c":[null,{"d":"x"}]}]}}'],
  ['set-string', 'a=1', '{"a":"1"}'],
  ['set-string', 'a=true', '{"a":"true"}'],
  ['set-string', 'a={1,true}', '{"a":["1","true"]}'],
  ['set-string', 'a=null', '{"a":"null"}'],
  ['set-string', 'a[0]=1', '{"a":["1"]}'],
  ['set-string', 'a=', '{"a":""}'],
  ['set-string', 'a=1,b=2', '{"a":"1","b":"2"}'],
  ['set-json', 'a=1', '{"a":1}'],
  ['set-json', 'a={"b":1},c=[1,"x"]', '{"a":{"b":1},"c":[1,"x"]}'],
  ['set-json', 'a=null', '{"a":null}'],
  ['set-json', 'a=', '{"a":null}'],
  ['set-json', 'a=,b=1', '{"a":null,"b":1}'],
  ['set-json', 'a="x,y",b=2', '{"a":"x,y","b":2}'],
  ['set-json', 'a=true , b=1', '{" b":1,"a":true}'],
  ['set-json', 'a[0]={"b":1}', '{"a":[{"b":1}]}'],
  ['set-json', 'a[1]=', '{"a":[null,null]}'],
  ['set-json', 'a.b=1.50', '{"a":{"b":1.5}}'],
  ['set-json', 'a=1e3', '{"a":1000}'],
  ['set-json', 'a="\\"x"', '{"a":"\\"x"}'],
  ['set-json', 'a={"x":"}"},b=1', '{"a":{"x":"}"},"b":1}'],
  ['set-file', 'a=f', '{"a":"<f>"}'],
  ['set-file', 'a=f,b=g', '{"a":"<f>","b":"<g>"}'],
  ['set-file', 'a={f,g}', '{"a":["<f>","<g>"]}'],
  ['set-file', 'a[0]=f', '{"a":["<f>"]}'],
  ['set-literal', 'a=1', '{"a":"1"}'],
  ['set-literal', 'a=x,y=z', '{"a":"x,y=z"}'],
  ['set-literal', 'a={x,y}', '{"a":"{x,y}"}'],
  ['set-literal', 'a.b=\\n', '{"a":{"b":"\\\\n"}}'],
  ['set-literal', 'a\\.b=1', '{"a\\\\":{"b":"1"}}'],
  ['set-literal', 'a[0]=x,y', '{"a":["x,y"]}'],
  ['set-literal', 'a=null', '{"a":"null"}'],
  ['set-literal', 'a=', '{"a":""}'],
  ['set-literal', 'a[1].b=x', '{"a":[null,{"b":"x"}]}'],
];

const REFUSED: readonly (readonly [flag: SetFlag, text: string, message: string])[] = [
  ['set', 'a', '--set "a": the key "a" has no value, at character 1.'],
  ['set', 'a,b=1', '--set "a,b=1": the key "a" has no value, at character 1.'],
  ['set', 'a.=1', '--set "a.=1": a key has no name, at character 1.'],
  ['set', '.=1', '--set ".=1": a key has no name, at character 1.'],
  ['set', 'a..b=1', '--set "a..b=1": a key has no name, at character 1.'],
  ['set', 'a[x]=1', '--set "a[x]=1": the index "x" is no number, at character 3.'],
  ['set', 'a[-1]=1', '--set "a[-1]=1": the index -1 is negative, at character 3.'],
  ['set', 'a[65537]=1', '--set "a[65537]=1": the index 65537 is greater than 65536, at character 3.'],
  ['set', 'a[0]x=1', '--set "a[0]x=1": "x" stands behind an index, at character 5.'],
  ['set', 'a={x', '--set "a={x": the list has no "}", at character 3.'],
  ['set', 'a={x\\}', '--set "a={x\\}": the list has no "}", at character 3.'],
  ['set', 'a=1,,b=2', '--set "a=1,,b=2": the key "" has no value, at character 5.'],
  ['set', 'a=1,a.b=2', '--set "a=1,a.b=2": "b" is set in what is no mapping but int64, at character 5.'],
  ['set', 'a=x,a[0]=1', '--set "a=x,a[0]=1": [0] is set in what is no list but string, at character 5.'],
  ['set', 'a[0]=1,a.b=2', '--set "a[0]=1,a.b=2": "b" is set in what is no mapping but []interface {}, at character 8.'],
  ['set', 'a[0]=1,a[0][0]=2', '--set "a[0]=1,a[0][0]=2": [0] is set in what is no list but int64, at character 8.'],
  ['set', 'a={{x}}', '--set "a={{x}}": the key "}" has no value, at character 7.'],
  ['set', 'a[ 0 ]=1', '--set "a[ 0 ]=1": the index " 0 " is no number, at character 3.'],
  ['set', 'a[]=1', '--set "a[]=1": the index "" is no number, at character 3.'],
  ['set', 'a.[0]=1', '--set "a.[0]=1": a key has no name, at character 1.'],
  ['set', 'a=x,b', '--set "a=x,b": the key "b" has no value, at character 5.'],
  ['set', 'nil', '--set "nil": the key "nil" has no value, at character 1.'],
  ['set-json', '{"a"', '--set-json "{"a"" is no JSON object: Expected \':\' after property name in JSON at position 4.'],
  ['set-json', 'a={', '--set-json "a={": the value is no JSON: Expected property name or \'}\' in JSON at position 1, at character 3.'],
  ['set-json', 'a=x', '--set-json "a=x": the value is no JSON: Unexpected token \'x\', "x" is not valid JSON, at character 3.'],
  [
    'set-json',
    'a=[1,2',
    "--set-json \"a=[1,2\": the value is no JSON: Expected ',' or ']' after array element in JSON at position 4, at character 3.",
  ],
  ['set-json', 'a=1 2', '--set-json "a=1 2": the key "2" has no value, at character 5.'],
  [
    'set-json',
    'a=1x',
    '--set-json "a=1x": the value is no JSON: Unexpected non-whitespace character after JSON at position 1, at character 3.',
  ],
  ['set-literal', 'a', '--set-literal "a": the key "a" has no value, at character 1.'],
  ['set-literal', 'a.b', '--set-literal "a.b": the key "a.b" has no value, at character 1.'],
];

/** Over the values below. */
const OVER: readonly (readonly [text: string, values: string])[] = [
  ['a.x=2', '{"a":{"x":2,"z":0},"false":null,"l":["p","q"],"m":[{"j":2,"k":1}],"s":"text"}'],
  ['a=null', '{"a":null,"false":null,"l":["p","q"],"m":[{"j":2,"k":1}],"s":"text"}'],
  ['a.y=1', '{"a":{"x":1,"y":1,"z":0},"false":null,"l":["p","q"],"m":[{"j":2,"k":1}],"s":"text"}'],
  ['l[0]=z', '{"a":{"x":1,"z":0},"false":null,"l":["z","q"],"m":[{"j":2,"k":1}],"s":"text"}'],
  ['l[3]=z', '{"a":{"x":1,"z":0},"false":null,"l":["p","q",null,"z"],"m":[{"j":2,"k":1}],"s":"text"}'],
  ['l=null', '{"a":{"x":1,"z":0},"false":null,"l":null,"m":[{"j":2,"k":1}],"s":"text"}'],
  ['n.x=1', '{"a":{"x":1,"z":0},"false":null,"l":["p","q"],"m":[{"j":2,"k":1}],"n":{"x":1},"s":"text"}'],
  ['s.x=1', '--set "s.x=1": "x" is set in what is no mapping but string, at character 1.'],
  ['s[0]=1', '--set "s[0]=1": [0] is set in what is no list but string, at character 1.'],
  ['a[0]=1', '--set "a[0]=1": [0] is set in what is no list but map[string]interface {}, at character 1.'],
  ['l.x=1', '--set "l.x=1": "x" is set in what is no mapping but []interface {}, at character 1.'],
  ['m[0].k=9', '{"a":{"x":1,"z":0},"false":null,"l":["p","q"],"m":[{"j":2,"k":9}],"s":"text"}'],
  ['m[0]=1', '{"a":{"x":1,"z":0},"false":null,"l":["p","q"],"m":[1],"s":"text"}'],
];

const VALUES = 'a: {x: 1, z: 0}\nl: [p, q]\nn: null\ns: text\nm: [{k: 1, j: 2}]';

const valuesAfter = (flag: SetFlag, text: string, values = ''): string =>
  toJson(
    setValue(mapFrom(values, 'values'), flag, text, (path) => `<${path}>`),
    { escapesHtml: false },
  );

describe('--set and its kin', () => {
  it.each(READ)('--%s %s', (flag, text, values) => expect(valuesAfter(flag, text)).toBe(values));

  it.each(REFUSED)('--%s %s is refused', (flag, text, message) => expect(failureOf(() => valuesAfter(flag, text)).message).toBe(message));

  it.each(OVER)('%s over other values', (text, expected) => {
    const outcome = expected.startsWith('{') ? valuesAfter('set', text, VALUES) : failureOf(() => valuesAfter('set', text, VALUES)).message;
    expect(outcome).toBe(expected);
  });

  it('leaves the values it is given as they were', () => {
    const values = mapFrom(VALUES, 'values');
    const before = toJson(values);
    setValue(values, 'set', 'a.x=2,l[0]=z,m[0].k=9,new=1');
    expect(toJson(values)).toBe(before);
  });

  it('makes integers of whole numbers, and floats of JSON', () => {
    expect(typeOf(setValue(new Map(), 'set', 'a=1').get('a'))).toBe('int64');
    expect(typeOf(setValue(new Map(), 'set-json', 'a=1').get('a'))).toBe('float64');
  });

  it('is bounded in levels, indexes and nesting', () => {
    const levels = (count: number): string => `${Array(count).fill('a').join('.')}=1`;
    expect(valuesAfter('set', levels(31))).toContain('"a":1');
    expect(failureOf(() => valuesAfter('set', levels(32))).message).toContain('the key has more than 30 levels');
    expect(failureOf(() => valuesAfter('set', 'a[65537]=1')).message).toContain('the index 65537 is greater than 65536');
    expect(failureOf(() => valuesAfter('set', `a${'[0]'.repeat(100)}=1`)).message).toContain('more than 30 levels');
    expect(failureOf(() => valuesAfter('set-json', `a=${'['.repeat(100_000)}`)).code).toBe('E_SET');
    expect(failureOf(() => valuesAfter('set-json', `a=${'['.repeat(100_000)}${']'.repeat(100_000)}`)).code).toBe('E_SET');
  });

  it('says what a file is for where none can be read', () => {
    expect(failureOf(() => setValue(new Map(), 'set-file', 'a=f')).message).toBe('The file "f" cannot be read here.');
  });
});
