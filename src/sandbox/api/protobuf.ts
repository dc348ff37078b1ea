/**
 * Protobuf bodies of the few objects that kubectl makes with typed clients (`create namespace`, `auth can-i`, …);
 * everything else it sends as JSON. A message is read by a table of its fields; what the table lacks is passed over.
 */
import type { Fields } from '../store/object.ts';

type Type =
  | 'text'
  | 'bytes'
  | 'number'
  | 'boolean'
  | 'texts'
  | 'textMap'
  | 'bytesMap'
  | 'quantityMap'
  | 'intOrText'
  | Message
  | readonly [Message];

interface Message {
  readonly [field: number]: readonly [name: string, type: Type];
}

const TIMELESS: Message = {
  1: ['name', 'text'],
  2: ['generateName', 'text'],
  3: ['namespace', 'text'],
  11: ['labels', 'textMap'],
  12: ['annotations', 'textMap'],
  14: ['finalizers', 'texts'],
};

const ATTRIBUTES: Message = {
  1: ['namespace', 'text'],
  2: ['verb', 'text'],
  3: ['group', 'text'],
  4: ['version', 'text'],
  5: ['resource', 'text'],
  6: ['subresource', 'text'],
  7: ['name', 'text'],
};

const metadata = ['metadata', TIMELESS] as const;
const CONTAINER: Message = {
  1: ['name', 'text'],
  2: ['image', 'text'],
  3: ['command', 'texts'],
  4: ['args', 'texts'],
  6: ['ports', [{ 1: ['name', 'text'], 3: ['containerPort', 'number'], 4: ['protocol', 'text'] }]],
};
const TEMPLATE: Message = {
  1: metadata,
  2: ['spec', { 2: ['containers', [CONTAINER]], 3: ['restartPolicy', 'text'], 8: ['serviceAccountName', 'text'] }],
};

const ROLE: Message = {
  1: metadata,
  2: [
    'rules',
    [
      {
        1: ['verbs', 'texts'],
        2: ['apiGroups', 'texts'],
        3: ['resources', 'texts'],
        4: ['resourceNames', 'texts'],
        5: ['nonResourceURLs', 'texts'],
      },
    ],
  ],
};
const ROLE_BINDING: Message = {
  1: metadata,
  2: ['subjects', [{ 1: ['kind', 'text'], 2: ['apiGroup', 'text'], 3: ['name', 'text'], 4: ['namespace', 'text'] }]],
  3: ['roleRef', { 1: ['apiGroup', 'text'], 2: ['kind', 'text'], 3: ['name', 'text'] }],
};

const JOB: Message = {
  1: metadata,
  2: ['spec', { 1: ['parallelism', 'number'], 2: ['completions', 'number'], 6: ['template', TEMPLATE] }],
};
const BACKEND: Message = { 4: ['service', { 1: ['name', 'text'], 2: ['port', { 1: ['name', 'text'], 2: ['number', 'number'] }] }] };
const INGRESS_PATH: Message = { 1: ['path', 'text'], 2: ['backend', BACKEND], 3: ['pathType', 'text'] };

const MESSAGES: Readonly<Record<string, Message>> = {
  Namespace: { 1: metadata },
  ServiceAccount: { 1: metadata },
  ConfigMap: { 1: metadata, 2: ['data', 'textMap'], 3: ['binaryData', 'bytesMap'], 4: ['immutable', 'boolean'] },
  Secret: { 1: metadata, 2: ['data', 'bytesMap'], 3: ['type', 'text'] },
  Deployment: {
    1: metadata,
    2: ['spec', { 1: ['replicas', 'number'], 2: ['selector', { 1: ['matchLabels', 'textMap'] }], 3: ['template', TEMPLATE] }],
  },
  Job: JOB,
  Role: ROLE,
  ClusterRole: ROLE,
  RoleBinding: ROLE_BINDING,
  ClusterRoleBinding: ROLE_BINDING,
  CronJob: {
    1: metadata,
    2: ['spec', { 1: ['schedule', 'text'], 3: ['concurrencyPolicy', 'text'], 5: ['jobTemplate', JOB] }],
  },
  Ingress: {
    1: metadata,
    2: [
      'spec',
      {
        1: ['defaultBackend', BACKEND],
        2: ['tls', [{ 1: ['hosts', 'texts'], 2: ['secretName', 'text'] }]],
        3: ['rules', [{ 1: ['host', 'text'], 2: ['', { 1: ['http', { 1: ['paths', [INGRESS_PATH]] }] }] }]],
        4: ['ingressClassName', 'text'],
      },
    ],
  },
  ResourceQuota: { 1: metadata, 2: ['spec', { 1: ['hard', 'quantityMap'], 2: ['scopes', 'texts'] }] },
  PodDisruptionBudget: {
    1: metadata,
    2: [
      'spec',
      { 1: ['minAvailable', 'intOrText'], 2: ['selector', { 1: ['matchLabels', 'textMap'] }], 3: ['maxUnavailable', 'intOrText'] },
    ],
  },
  SelfSubjectAccessReview: {
    1: metadata,
    2: ['spec', { 1: ['resourceAttributes', ATTRIBUTES], 2: ['nonResourceAttributes', { 1: ['path', 'text'], 2: ['verb', 'text'] }] }],
  },
  SelfSubjectRulesReview: { 1: metadata, 2: ['spec', { 1: ['namespace', 'text'] }] },
  SelfSubjectReview: { 1: metadata },
  TokenRequest: { 1: metadata, 2: ['spec', { 1: ['audiences', 'texts'], 4: ['expirationSeconds', 'number'] }] },
  Eviction: { 1: metadata },
  DeleteOptions: { 1: ['gracePeriodSeconds', 'number'], 4: ['propagationPolicy', 'text'], 5: ['dryRun', 'texts'] },
};

const ENVELOPE: Message = { 1: ['typeMeta', { 1: ['apiVersion', 'text'], 2: ['kind', 'text'] }], 2: ['raw', 'bytes'] };

export interface Field {
  readonly number: number;
  readonly value: number | Buffer;
}

export function* fieldsOf(bytes: Buffer): Generator<Field> {
  let position = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; position < bytes.length; factor *= 128) {
      const byte = bytes.readUInt8(position++);
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw new RangeError('unexpected end of a protobuf message');
  };
  while (position < bytes.length) {
    const key = varint();
    const number = Math.floor(key / 8);
    const wire = key % 8;
    if (wire === 0) yield { number, value: varint() };
    else {
      const length = wire === 2 ? varint() : wire === 1 ? 8 : 4;
      if (position + length > bytes.length) throw new RangeError('unexpected end of a protobuf message');
      position += length;
      yield { number, value: bytes.subarray(position - length, position) };
    }
  }
}

function scalar(type: 'text' | 'bytes' | 'number' | 'boolean', value: number | Buffer): unknown {
  if (typeof value === 'number') return type === 'boolean' ? value !== 0 : value;
  return value.toString(type === 'bytes' ? 'base64' : 'utf8');
}

function decode(bytes: Buffer, message: Message): Fields {
  const result: Fields = {};
  for (const { number, value } of fieldsOf(bytes)) {
    const known = message[number];
    if (!known) continue;
    const [name, type] = known;
    if (type === 'texts') result[name] = [...((result[name] as unknown[]) ?? []), scalar('text', value)];
    else if (typeof value !== 'number' && (type === 'textMap' || type === 'bytesMap')) {
      const entry = decode(value, { 1: ['key', 'text'], 2: ['value', type === 'textMap' ? 'text' : 'bytes'] });
      result[name] = { ...((result[name] as Fields) ?? {}), [String(entry['key'])]: entry['value'] ?? '' };
    } else if (typeof value !== 'number' && type === 'quantityMap') {
      const entry = decode(value, { 1: ['key', 'text'], 2: ['value', { 1: ['string', 'text'] }] });
      result[name] = {
        ...((result[name] as Fields) ?? {}),
        [String(entry['key'])]: (entry['value'] as Fields | undefined)?.['string'] ?? '0',
      };
    } else if (typeof value !== 'number' && type === 'intOrText') {
      const { kind, number: whole = 0, text = '' } = decode(value, { 1: ['kind', 'number'], 2: ['number', 'number'], 3: ['text', 'text'] });
      result[name] = kind === 1 ? text : whole;
    } else if (typeof type === 'string') result[name] = scalar(type as 'text', value);
    else if (typeof value === 'number') continue;
    else if (Array.isArray(type)) result[name] = [...((result[name] as unknown[]) ?? []), decode(value, type[0] as Message)];
    // A message without a name is part of the one around it.
    else if (name === '') Object.assign(result, decode(value, type as Message));
    else result[name] = decode(value, type as Message);
  }
  return result;
}

/** Empty texts stand for absent fields. */
function tidy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidy);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, field]) => (field === '' && name !== 'value' ? [] : [[name, tidy(field)]])),
  );
}

/** @returns undefined for a message of a kind that is not known here */
export function readProtobuf(bytes: Buffer): unknown {
  if (bytes.subarray(0, 4).toString('latin1') !== 'k8s\0') return undefined;
  const { typeMeta, raw } = decode(bytes.subarray(4), ENVELOPE) as { typeMeta?: Fields; raw?: string };
  const kind = typeof typeMeta?.['kind'] === 'string' ? typeMeta['kind'] : '';
  const message = MESSAGES[kind];
  return message && tidy({ ...typeMeta, ...decode(Buffer.from(raw ?? '', 'base64'), message) });
}
