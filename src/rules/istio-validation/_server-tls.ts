import { GATEWAY } from '../../mesh/istio/kinds.ts';
import { has, itemsAt, listAt, objectAt, stringAt, stringsAt } from '../../model/body.ts';
import type { Body, FieldPath, Resource } from '../../model/resource.ts';
import { quotedList } from '../../text/words.ts';
import { type Flaw, isSet } from './_flaws.ts';

interface ServerTls {
  readonly tls: Body;
  readonly path: FieldPath;
}

/** TLS settings of the servers of a Gateway, or of the listeners of a Sidecar. */
export function serverTlsOf({ kind, body }: Resource): readonly ServerTls[] {
  return itemsAt(body, 'spec', kind === GATEWAY ? 'servers' : 'ingress').flatMap(({ item, path }) =>
    isSet(item, 'tls') ? [{ tls: objectAt(item, 'tls'), path: [...path, 'tls'] }] : [],
  );
}

/** Modes by which the proxy shows a certificate of its own. */
const TERMINATING: ReadonlySet<string> = new Set(['SIMPLE', 'MUTUAL', 'OPTIONAL_MUTUAL']);
const NOT_WITH_MESH_CERTIFICATE = [
  'serverCertificate',
  'privateKey',
  'caCertificates',
  'tlsCertificates',
  'credentialName',
  'credentialNames',
];

const isGiven = (tls: Body, field: string): boolean => Boolean(stringAt(tls, field)) || listAt(tls, field).length > 0;

/** What istiod refuses. */
export function* serverTlsFlaws(tls: Body): Iterable<Flaw> {
  const mode = stringAt(tls, 'mode') ?? 'PASSTHROUGH';
  if (mode === 'ISTIO_MUTUAL') {
    for (const field of NOT_WITH_MESH_CERTIFICATE) {
      if (!isGiven(tls, field)) continue;
      yield {
        path: [field],
        part: 'key',
        message: `Mode ISTIO_MUTUAL uses the certificate of the mesh, and must not have ${field}.`,
        fix: `Remove ${field}, or use mode MUTUAL.`,
      };
    }
    return;
  }
  yield* sources(tls);
  if (TERMINATING.has(mode) && !isGiven(tls, 'credentialName') && !isGiven(tls, 'credentialNames')) yield* missingFiles(tls, mode);
  if (isGiven(tls, 'caCrl') && !hasCredentialAlone(tls, mode)) {
    if (mode === 'SIMPLE')
      yield {
        path: ['caCrl'],
        part: 'key',
        message: 'Mode SIMPLE asks clients for no certificate that caCrl could revoke.',
        fix: 'Remove caCrl, or use mode MUTUAL.',
      };
    if (isGiven(tls, 'credentialName'))
      yield {
        path: ['caCrl'],
        part: 'key',
        message: 'Field caCrl has no place beside credentialName.',
        fix: 'Put the list into the credential, under the key "ca.crl".',
      };
  }
}

/** istiod then looks at nothing else. */
const hasCredentialAlone = (tls: Body, mode: string): boolean =>
  TERMINATING.has(mode) && (isGiven(tls, 'credentialName') || isGiven(tls, 'credentialNames'));

/** Pairs that the schema forbids are left to it. */
function* sources(tls: Body): Iterable<Flaw> {
  const files = isGiven(tls, 'serverCertificate') && isGiven(tls, 'privateKey');
  const given = ['credentialName', 'credentialNames', 'tlsCertificates'].filter((field) => isGiven(tls, field));
  const bySchema = given.includes('credentialNames');
  const all = [...given, ...(files ? ['serverCertificate'] : [])];
  if (all.length < 2 || (bySchema && !files)) return;
  yield {
    path: [all[1] ?? ''],
    part: 'key',
    message: `The server takes its certificate from ${quotedList(all)} at once.`,
    fix: 'Keep one of them.',
  };
}

function* missingFiles(tls: Body, mode: string): Iterable<Flaw> {
  if (mode !== 'SIMPLE' && !isGiven(tls, 'caCertificates')) {
    yield {
      path: ['mode'],
      message: `Mode ${mode} has no caCertificates to verify clients by.`,
      fix: 'Set caCertificates, or credentialName.',
    };
  }
  const pairs = itemsAt(tls, 'tlsCertificates');
  const owners = pairs.length > 0 ? pairs : [{ item: tls, path: [] }];
  for (const { item, path } of owners) {
    for (const field of ['serverCertificate', 'privateKey']) {
      if (stringAt(item, field)) continue;
      yield {
        path: pairs.length > 0 ? path : ['mode'],
        ...(pairs.length > 0 && { part: 'key' }),
        message: `Mode ${mode} has no ${field}.`,
        fix: `Set ${field}, or credentialName.`,
      };
    }
  }
}

/** What istiod accepts, and proxies ignore. */
export function* ineffectiveTls(tls: Body): Iterable<Flaw> {
  yield* ciphers(tls);
  const version = stringAt(tls, 'minProtocolVersion') ?? '';
  if ((version === 'TLSV1_0' || version === 'TLSV1_1') && listAt(tls, 'cipherSuites').length === 0) {
    yield {
      path: ['minProtocolVersion'],
      message: `Version ${version} needs cipher suites that Envoy no longer offers by default.`,
      fix: 'Name them in cipherSuites, or write TLSV1_2.',
    };
  }
  const mode = stringAt(tls, 'mode') ?? 'PASSTHROUGH';
  if (mode !== 'PASSTHROUGH' && mode !== 'AUTO_PASSTHROUGH') return;
  for (const field of ['caCrl', ...NOT_WITH_MESH_CERTIFICATE]) {
    if (!isGiven(tls, field)) continue;
    yield {
      path: [field],
      part: 'key',
      message: `Field ${field} is ignored, because mode ${mode}${has(tls, 'mode') ? '' : ' (the default)'} passes TLS on as it comes.`,
      fix: `Remove ${field}, or use a mode that ends TLS, such as SIMPLE.`,
    };
  }
}

/** By the names of BoringSSL, but for those with a pre-shared key. */
const CIPHERS: ReadonlySet<string> = new Set([
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-RSA-AES128-SHA',
  'ECDHE-ECDSA-AES256-SHA',
  'ECDHE-RSA-AES256-SHA',
  'AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
  'AES128-SHA',
  'AES256-SHA',
  'DES-CBC3-SHA',
]);

function* ciphers(tls: Body): Iterable<Flaw> {
  const known = new Set<string>();
  for (const { value, path } of stringsAt(tls, 'cipherSuites')) {
    // An operator, such as "-" or "[", starts an expression.
    const isExpression = value === '' || value === 'ALL' || !/^[\p{L}\p{N}]/u.test(value);
    if (!isExpression && !CIPHERS.has(value)) {
      yield {
        path,
        message: `Cipher suite "${value}" is unknown to Envoy, and ignored.`,
        fix: 'Write a name of BoringSSL, such as "ECDHE-RSA-AES128-GCM-SHA256", or remove it.',
      };
    } else if (known.has(value)) yield { path, message: `Cipher suite "${value}" is listed twice.`, fix: 'Remove one of them.' };
    known.add(value);
  }
}
