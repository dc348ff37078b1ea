/**
 * Which Secrets and ConfigMaps the servers of a Gateway take their certificates from.
 * @see https://istio.io/latest/docs/reference/config/networking/gateway/#ServerTLSSettings
 */
import { CONFIG_MAP, SECRET } from '../../mesh/istio/kinds.ts';
import { has, objectAt, stringAt, stringsAt } from '../../model/body.ts';
import { getOrInsert } from '../../model/maps.ts';
import type { FieldPath, Kind, Resource } from '../../model/resource.ts';
import type { Derivation } from '../../model/resource-set.ts';
import { type Server, serversOf } from './_servers.ts';

/** What a server needs from a credential: its own certificate with the key, or the authority that signs its clients'. */
type CredentialUse = 'server' | 'authority';

export interface Credential {
  readonly use: CredentialUse;
  /** As written. */
  readonly reference: string;
  readonly path: FieldPath;
  readonly kind: Kind;
  /** Undefined: the namespace of the gateway's workloads. */
  readonly namespace: string | undefined;
  /** Objects that may hold it, the first that exists is used. */
  readonly names: readonly string[];
  /** The authority's certificate is looked for by the server certificate's name, since no other is given. */
  readonly implied: boolean;
}

/** Modes in which the proxy ends TLS with a certificate of its own or of the mesh, or not at all. */
const MODES_WITHOUT_CREDENTIAL: ReadonlySet<string> = new Set(['PASSTHROUGH', 'AUTO_PASSTHROUGH', 'ISTIO_MUTUAL']);
const MODES_WITH_AUTHORITY: ReadonlySet<string> = new Set(['MUTUAL', 'OPTIONAL_MUTUAL']);

/** istiod looks for the authority's certificate in `shop-tls-cacert`, then in `shop-tls`. */
const AUTHORITY_SUFFIX = '-cacert';

/** Every reference of the Gateway to an object; other sources, such as `sds://` and `builtin://`, are left out. */
export function credentialsOf(gateway: Resource): readonly Credential[] {
  return serversOf(gateway).flatMap(credentialsOfServer);
}

export function credentialsOfServer({ tls, path }: Server): readonly Credential[] {
  const mode = stringAt(tls, 'mode') ?? '';
  if (MODES_WITHOUT_CREDENTIAL.has(mode)) return [];
  const single = stringAt(tls, 'credentialName');
  const written = single ? [{ value: single, path: ['credentialName'] }] : stringsAt(tls, 'credentialNames');
  const found = written.map((entry) => toCredential(entry.value, [...path, 'tls', ...entry.path], 'server'));
  if (MODES_WITH_AUTHORITY.has(mode)) {
    const own = stringAt(tls, 'caCertCredentialName');
    const [first] = written;
    if (own) found.push(toCredential(own, [...path, 'tls', 'caCertCredentialName'], 'authority'));
    else if (first) found.push(toCredential(first.value, [...path, 'tls', ...first.path], 'authority', true));
  }
  return found.filter((credential) => credential !== undefined);
}

const FORM = /^(?:(kubernetes|kubernetes-gateway|configmap):\/\/)?(?:([^/]+)\/)?([^/]+)$/;

function toCredential(reference: string, path: FieldPath, use: CredentialUse, implied = false): Credential | undefined {
  const [, scheme, namespace, name] = FORM.exec(reference) ?? [];
  const needsNamespace = scheme === 'kubernetes-gateway' || scheme === 'configmap';
  if (name === undefined || (needsNamespace && namespace === undefined)) return undefined;
  return {
    use,
    reference,
    path,
    kind: scheme === 'configmap' ? CONFIG_MAP : SECRET,
    namespace,
    names: namesFor(name, use, implied),
    implied,
  };
}

function namesFor(name: string, use: CredentialUse, implied: boolean): readonly string[] {
  if (use === 'server') return [name];
  if (implied) return [`${name}${AUTHORITY_SUFFIX}`, name];
  return name.endsWith(AUTHORITY_SUFFIX) ? [name, name.slice(0, -AUTHORITY_SUFFIX.length)] : [name];
}

/** Objects whose controllers write a Secret, and where they name it; their own name is the default. */
const SECRET_WRITERS: readonly (readonly [Kind, FieldPath])[] = [
  ['cert-manager.io/Certificate', ['spec', 'secretName']],
  ['bitnami.com/SealedSecret', ['spec', 'template', 'metadata', 'name']],
  ['external-secrets.io/ExternalSecret', ['spec', 'target', 'name']],
];

/** Every kind that tells of a Secret. */
export const SECRET_KINDS: readonly Kind[] = [SECRET, ...SECRET_WRITERS.map(([kind]) => kind)];

export interface SecretSources {
  /** Namespaces that have a Secret of the name, sorted. */
  namespacesWith(name: string): readonly string[];
  /** True when the Secret is given, or an object whose controller writes it. */
  exists(namespace: string, name: string): boolean;
}

export const secretSources: Derivation<SecretSources> = {
  name: 'secrets and what writes them',
  build(resources) {
    const known = new Set<string>();
    const byName = new Map<string, Set<string>>();
    const add = (namespace: string, name: string): void => {
      known.add(`${namespace}/${name}`);
      getOrInsert(byName, name, () => new Set()).add(namespace);
    };
    for (const secret of resources.all(SECRET)) add(secret.namespace, secret.name);
    for (const [kind, path] of SECRET_WRITERS) {
      for (const writer of resources.all(kind)) add(writer.namespace, stringAt(writer.body, ...path) ?? writer.name);
    }
    return {
      namespacesWith: (name) => [...(byName.get(name) ?? [])].sort(),
      exists: (namespace, name) => known.has(`${namespace}/${name}`),
    };
  },
};

/** What an object holds under a key: `text`, or why it cannot be told. */
type Value = { readonly is: 'text'; readonly text: string } | { readonly is: 'absent' | 'undecodable' };

export interface Contents {
  readonly keys: readonly string[];
  value(key: string): Value;
}

/** The contents of a Secret or ConfigMap; undefined when they were not read, or the file holds them encrypted, as SOPS leaves them. */
export function contentsOf(object: Resource): Contents | undefined {
  if (object.partial || has(object.body, 'sops')) return undefined;
  const plain = object.kind === SECRET ? objectAt(object.body, 'stringData') : objectAt(object.body, 'data');
  const encoded = object.kind === SECRET ? objectAt(object.body, 'data') : {};
  return {
    keys: [...new Set([...Object.keys(encoded), ...Object.keys(plain)])].sort(),
    value(key) {
      const text = plain[key] ?? encoded[key];
      if (text === undefined || text === null) return { is: 'absent' };
      if (typeof text !== 'string') return { is: 'undecodable' };
      return Object.hasOwn(plain, key) ? { is: 'text', text } : decoded(text);
    },
  };
}

function decoded(base64: string): Value {
  try {
    return { is: 'text', text: atob(base64) };
  } catch {
    return { is: 'undecodable' };
  }
}

/** Keys under which istiod looks for the certificate of an authority, in this order. */
export const AUTHORITY_KEYS = ['cacert', 'ca.crt'] as const;
