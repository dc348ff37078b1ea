import { describe, expect, it } from 'vitest';
import { changedFilter, readDirective, readLogFilter, writeLogFilter } from '../../src/text/log-filter.ts';

const LINKERD = 'warn,linkerd=info,hickory=error,[{headers}]=off,[{request}]=off';

describe('a filter of logs', () => {
  it.each([LINKERD, 'info', 'hickory_server::server=off,info', '[a{b=1,c}]=debug,warn', ''])('is written as it was read: %s', (text) => {
    expect(writeLogFilter(readLogFilter(text))).toBe(text);
  });

  it.each([
    ['debug', { target: undefined, level: 'debug' }],
    ['WARNING', { target: undefined, level: 'warn' }],
    ['linkerd=debug', { target: 'linkerd', level: 'debug' }],
    ['linkerd:debug', { target: 'linkerd', level: 'debug' }],
    ['ztunnel::proxy:trace', { target: 'ztunnel::proxy', level: 'trace' }],
    ['ztunnel::proxy=trace', { target: 'ztunnel::proxy', level: 'trace' }],
    ['linkerd', { target: 'linkerd', level: 'trace' }],
    ['ztunnel::proxy', { target: 'ztunnel::proxy', level: 'trace' }],
  ])('reads %s', (text, directive) => {
    expect(readDirective(text)).toEqual(directive);
  });

  it.each([
    [['debug'], 'debug,[{headers}]=off,[{request}]=off'],
    [['linkerd=warn'], 'warn,linkerd=warn,hickory=error,[{headers}]=off,[{request}]=off'],
    [['info', 'tower=debug'], 'info,tower=debug,[{headers}]=off,[{request}]=off'],
    [['info', '[{headers}]=trace'], 'info,[{headers}]=trace,[{request}]=off'],
    [LINKERD.split(','), LINKERD],
  ])('with %j in it', (wanted, filter) => {
    expect(writeLogFilter(changedFilter(readLogFilter(LINKERD), wanted.map(readDirective)))).toBe(filter);
  });
});
