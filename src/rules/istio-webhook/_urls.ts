/** Addresses of webhooks outside the cluster. */

export interface WebhookUrl {
  /** Empty when there is none. */
  readonly host: string;
  readonly isAddress: boolean;
  /** What the API server, or Go's parser of URLs, rejects about it; goes behind the quoted URL. */
  readonly problem?: string;
}

const PARTS = /^(?<scheme>[a-z][a-z0-9+.-]*):\/\/(?<authority>[^/?#]*)(?<path>(?:\/[^?#]*)?)(?<query>\?[^#]*)?(?<fragment>#.*)?$/i;

const AUTHORITY = /^(?<host>\[[0-9a-f:.%]+\]|[^:[\]]*)(?::(?<port>.*))?$/i;

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/**
 * Reads the URL of a webhook, which must be https and name a host, without user, query or fragment.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#url
 */
export function readWebhookUrl(url: string): WebhookUrl {
  const parts = PARTS.exec(url)?.groups;
  const authority = AUTHORITY.exec(parts?.['authority'] ?? '')?.groups;
  const host = (authority?.['host'] ?? '').replace(/^\[(.*)\]$/, '$1');
  const problem = problemOf(url, parts, authority);
  return { host, isAddress: IPV4.test(host) || host.includes(':'), ...(problem && { problem }) };
}

type Groups = Readonly<Record<string, string | undefined>> | undefined;

function problemOf(url: string, parts: Groups, authority: Groups): string | undefined {
  if (/\s|\p{Cc}/u.test(url)) return 'contains a blank or a control character';
  if (!parts) return 'is not an absolute URL';
  if (parts['scheme']?.toLowerCase() !== 'https')
    return `uses the scheme "${parts['scheme']}", but the API server calls webhooks by https only`;
  if (parts['authority']?.includes('@')) return 'contains a user, which the API server refuses';
  if (!authority || /[^\w.:%-]/.test((authority['host'] ?? '').replace(/[[\]]/g, ''))) return 'has a malformed host';
  if (!authority['host']) return 'has no host';
  const port = authority['port'];
  if (port && !(/^\d{1,5}$/.test(port) && Number(port) <= 65_535)) return `has the port "${port}", which is no port number`;
  if (/%(?![0-9a-f]{2})/i.test(parts['path'] ?? '')) return 'contains "%" without two hexadecimal digits behind it';
  if (parts['query'] !== undefined || parts['fragment'] !== undefined) return 'has a query or a fragment, which the API server refuses';
  return undefined;
}
