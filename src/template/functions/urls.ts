import { func } from '../builtins.ts';
import { percentEncoded } from '../bytes.ts';
import { CallError } from '../failure.ts';
import { type Func, type GoMap, typeOf, type Value } from '../value.ts';

/** What stands as it is. */
const PATH = /[\w.~$&+,/:;=@-]/;
const FRAGMENT = /[\w.~$&+,/:;=?@!()*-]/;

const URL_PARTS = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/(?:([^/?#@]*)@)?([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s;

function urlParse(text: string): GoMap {
  const found = URL_PARTS.exec(text);
  if (!found || /[\0-\x1f\x7f]/.test(text)) throw new CallError(`unable to parse url: parse ${JSON.stringify(text)}: invalid URL`);
  const [, scheme = '', userinfo = '', host = '', path = '', query = '', fragment = ''] = found;
  if (/^\[[^\]]*$/.test(host)) throw new CallError(`unable to parse url: parse ${JSON.stringify(text)}: missing ']' in host`);
  const isOpaque = scheme !== '' && !path.startsWith('/') && path !== '' && !text.includes('//');
  return new Map<string, Value>([
    ['scheme', scheme.toLowerCase()],
    ['host', host],
    ['hostname', host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1')],
    ['path', isOpaque ? '' : decoded(path)],
    ['query', query],
    ['opaque', isOpaque ? path : ''],
    ['fragment', decoded(fragment)],
    ['userinfo', userinfo],
  ]);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function urlJoin(parts: GoMap | null): string {
  const part = (name: string): string => {
    const value = parts?.get(name);
    if (value === undefined) return '';
    if (typeof value !== 'string') throw new CallError(`unable to parse ${name} key, must be of type string, but ${typeOf(value)} found`);
    return value;
  };
  const [scheme, host, userinfo, opaque, query, fragment] = ['scheme', 'host', 'userinfo', 'opaque', 'query', 'fragment'].map(part);
  const path = percentEncoded(part('path'), PATH);
  const rooted = host !== '' && path !== '' && !path.startsWith('/') ? `/${path}` : path;
  const authority = host !== '' || userinfo !== '' ? `//${userinfo === '' ? '' : `${userinfo}@`}${host}` : '';
  const main = opaque === '' ? `${authority}${rooted}` : opaque;
  return `${scheme === '' ? '' : `${scheme}:`}${main}${query === '' ? '' : `?${query}`}${fragment === '' ? '' : `#${percentEncoded(fragment ?? '', FRAGMENT)}`}`;
}

export const urlFunctions: Readonly<Record<string, Func>> = {
  urlParse: func(['string'], urlParse),
  urlJoin: func(['map[string]interface {}'], urlJoin),
};
