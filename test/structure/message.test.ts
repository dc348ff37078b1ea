/** Configuration of Envoy held against its API. What istiod takes was compared with the decoder that it uses. */
import { describe, expect, it } from 'vitest';
import { TAP_FILTER } from '../../src/mesh/proxies/tap-filter.ts';
import { judgeMessage } from '../../src/structure/message.ts';
import { scalarNamed } from '../../src/structure/message-scalars.ts';
import { loadMessages } from '../../src/structure/messages.ts';

const api = await loadMessages('envoy');
const CLUSTER = 'envoy.config.cluster.v3.Cluster';
const FILTER = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter';
const found = (name: string, value: unknown) => [...judgeMessage(name, value, { known: api, path: ['value'], up: undefined })];
const typed = (name: string, rest: object = {}) => ({ typed_config: { '@type': `type.googleapis.com/${name}`, ...rest } });

describe('the API of Envoy', () => {
  it('holds everything that it refers to', () => {
    const types = Object.values(api.messages).flatMap(({ fields }) =>
      Object.values(fields).map((type) => type.replace(/^[[{]|[\]}]$/g, '')),
    );
    const dangling = new Set(types.filter((type) => !Object.hasOwn(api.messages, type)));
    const enums = [...dangling].filter((type) => type.startsWith('enum:')).map((type) => type.slice('enum:'.length));
    expect(enums.filter((name) => !(name in api.enums))).toEqual(['google.protobuf.NullValue']);
    const others = [...dangling].filter((type) => !type.startsWith('enum:') && !scalarNamed(type));
    expect(others).toEqual(['google.protobuf.Any']);
  });
});

describe('a message', () => {
  it.each([
    ['a number for a text', { name: 5 }, 'Field "value.name" is the number 5, but must be a text.', 'Put it in quotes: "5".'],
    ['a number for a duration', { connect_timeout: 5 }, 'but must be a duration such as "1.5s".', 'Write it with its unit, such as "5s".'],
    ['a text for a flag', { respectDnsTtl: 'true' }, 'but must be true or false.', 'Write true without quotes.'],
    ['a value that an enum has not', { lb_policy: 'ROUND_ROBINS' }, 'but must be one of', 'Did you mean "ROUND_ROBIN"?'],
    ['too large a number', { per_connection_buffer_limit_bytes: 2 ** 32 }, 'a whole number from 0 to 4294967295.', undefined],
    ['a fraction', { per_connection_buffer_limit_bytes: 1.5 }, 'a whole number from 0 to 4294967295.', undefined],
    [
      'one for a list',
      { filters: {} },
      'Field "value.filters" is a mapping, but must be a list.',
      'Write it as a list: each item after a dash, or all of them in [ ].',
    ],
    ['a list for a mapping', { circuit_breakers: [] }, 'Field "value.circuit_breakers" is a list, but must be a mapping.', undefined],
    ['a text for a map', { typed_extension_protocol_options: 'a' }, 'is the text "a", but must be a mapping.', undefined],
  ])('has %s told', (_, value, message, fix) => {
    const [first, ...more] = found(CLUSTER, value);
    expect(first?.is).toBe('message-value');
    expect(first?.message).toContain(message);
    expect(first?.fix).toBe(fix);
    expect(more).toEqual([]);
  });

  it.each([
    ['in camel case', { maxRequestPerConnection: 1 }, 'Did you mean "maxRequestsPerConnection"?'],
    ['in snake case', { max_request_per_connection: 1 }, 'Did you mean "max_requests_per_connection"?'],
    ['from one level up', { circuit_breakers: { lb_policy: 'RANDOM' } }, 'It exists one level up, in "value".'],
  ])('names the field that was meant by an unknown one %s', (_, value, fix) => {
    expect(found(CLUSTER, value)).toMatchObject([{ is: 'message-field', part: 'key', fix }]);
  });

  it.each([
    ['numbers in quotes', { per_connection_buffer_limit_bytes: '10', common_lb_config: { healthy_panic_threshold: { value: '1.5' } } }],
    ['enums by number', { lb_policy: 2 }],
    ['durations as Go writes them', { connect_timeout: '1m30s', cleanup_interval: '0' }],
    ['empty values', { name: null, circuit_breakers: null, filters: [null] }],
    ['placeholders', { connect_timeout: '{{ .Values.timeout }}', filters: '{{ .Values.filters }}', '{{ .Values.key }}': 1 }],
    ['whatever stands in free-form mappings', { metadata: { filter_metadata: { a: { b: [1, { c: null }] } } } }],
  ])('may hold %s', (_, value) => {
    expect(found(CLUSTER, value)).toEqual([]);
  });
});

describe('a typed configuration', () => {
  it.each([
    ['envoy.config.filter.http.lua.v2.Lua', 'Did you mean "envoy.extensions.filters.http.lua.v3.Lua"?'],
    [
      'envoy.extensions.filters.http.lua.v3.LuaFilter',
      'Types of that package are "envoy.extensions.filters.http.lua.v3.Lua" and "envoy.extensions.filters.http.lua.v3.LuaPerRoute".',
    ],
    ['envoy.extensions.filters.http.ratelimits.v3.RateLimit', 'Did you mean "envoy.extensions.filters.http.ratelimit.v3.RateLimit"?'],
    ['a.b.C', 'Name a type of API v3, such as "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua".'],
  ])('of the unknown type %s has it told', (name, fix) => {
    expect(found(FILTER, typed(name))).toMatchObject([{ is: 'message-type', path: ['value', 'typed_config', '@type'], fix }]);
  });

  it('that tap adds has nothing against it', () => {
    expect(found(FILTER, TAP_FILTER)).toEqual([]);
  });

  it('is judged by its type, at any depth', () => {
    const rules = { policies: { a: { permissions: [{ any: 'yes' }] } } };
    expect(found(FILTER, typed('envoy.extensions.filters.http.rbac.v3.RBAC', { rules }))).toMatchObject([
      { is: 'message-value', path: ['value', 'typed_config', 'rules', 'policies', 'a', 'permissions', 0, 'any'] },
    ]);
  });

  it('of a type with a form of its own in JSON has that below "value"', () => {
    expect(found(FILTER, typed('google.protobuf.StringValue', { value: 'a' }))).toEqual([]);
    expect(found(FILTER, typed('google.protobuf.StringValue', { value: 1 }))).toMatchObject([
      { is: 'message-value', path: ['value', 'typed_config', 'value'] },
    ]);
  });

  it.each([[typed('google.rpc.ErrorInfo', { anything: 1 })], [typed('envoy.service.auth.v3.CheckRequest', { anything: 1 })]])(
    'that configures nothing is not judged',
    (value) => {
      expect(found(FILTER, value)).toEqual([]);
    },
  );
});
