/** URLs as Go's `url.ParseRequestURI` takes them, which is what the API server asks: absolute ones, or an absolute path. */

export interface Address {
  readonly scheme: string;
  /** With the port. */
  readonly host: string;
  readonly hostname: string;
  readonly port: string;
  readonly escapedPath: string;
}

const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]*):/;
const USER = /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/;
const HOST = /^[A-Za-z0-9\-._~!$&'()*+,;=:[\]<>"%\u0080-\uffff]*$/;

/** @returns undefined for what is none */
export function parseRequestAddress(text: string): Address | undefined {
  if (text === '' || /[\u0000-\u001f\u007f]/.test(text)) return undefined;
  const scheme = SCHEME.exec(text)?.[1] ?? '';
  const rest = (scheme === '' ? text : text.slice(scheme.length + 1)).replace(/\?.*$/s, '');
  // `mailto:someone` has no path to look into.
  if (!rest.startsWith('/'))
    return scheme === '' ? undefined : { scheme: scheme.toLowerCase(), host: '', hostname: '', port: '', escapedPath: '' };
  if (/%(?![0-9A-Fa-f]{2})/.test(rest)) return undefined;
  const hasAuthority = rest.startsWith('//') && (scheme !== '' || !rest.startsWith('///'));
  const slash = hasAuthority ? rest.indexOf('/', 2) : 0;
  const authority = hasAuthority ? rest.slice(2, slash < 0 ? rest.length : slash) : '';
  const at = authority.lastIndexOf('@');
  const host = authority.slice(at + 1);
  const [, hostname = '', port = ''] = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(host) ?? [];
  if (
    !USER.test(authority.slice(0, Math.max(0, at))) ||
    !HOST.test(host) ||
    (host !== '' && hostname === '' && port === '' && host !== ':')
  )
    return undefined;
  const path = slash < 0 ? '' : rest.slice(slash);
  return { scheme: scheme.toLowerCase(), host, hostname: hostname.replace(/^\[|\]$/g, ''), port, escapedPath: path };
}
