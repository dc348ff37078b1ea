/** Headers that prove who somebody is never show. */
const SECRET =
  /^(?:authorization|proxy-authorization|cookie|set-cookie|x-api-key|api-key|x-auth-token|x-csrf-token|x-xsrf-token|x-amz-security-token|x-goog-iam-authorization-token|x-forwarded-client-cert|.*(?:secret|password|passwd|token|credential|session|jwt|assertion).*)$/i;

const REDACTED = '[redacted]';

/** @param more further names, in any case */
export function redacted(headers: Readonly<Record<string, string>>, more: ReadonlySet<string>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers)
      // What begins with a colon is told as method, path, host and status.
      .filter(([name]) => !name.startsWith(':'))
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, value]) => [name, SECRET.test(name) || more.has(name.toLowerCase()) ? REDACTED : value]),
  );
}

/** Queries carry tokens too: the value of a parameter of such a name does not show. */
export function redactedPath(path: string): string {
  const start = path.indexOf('?');
  if (start < 0) return path;
  const query = path
    .slice(start + 1)
    .split('&')
    .map((pair) => {
      const [name = ''] = pair.split('=');
      return pair.includes('=') && /(?:token|secret|password|passwd|signature|sig|key|code|credential|session|jwt|assertion)/i.test(name)
        ? `${name}=${REDACTED}`
        : pair;
    });
  return `${path.slice(0, start)}?${query.join('&')}`;
}
