/** The tap API of the sandbox, asked through the API server as Linkerd's command line does. */
import { describe, expect, it } from 'vitest';
import { fieldsOf } from '../../../src/sandbox/api/protobuf.ts';
import { message } from '../../../src/sandbox/programs/protobuf-writer.ts';
import { emojivotoMesh } from '../../../src/sandbox/scenarios/_emojivoto.ts';
import { brokenEmojivoto } from '../../../src/sandbox/scenarios/broken-emojivoto.ts';
import { openSandbox } from '../api.ts';
import { manualClock } from '../clock.ts';

const ROUND_MS = 7000;

interface Asking {
  readonly type?: string;
  readonly name?: string;
  /** `method`, `authority`, `path`, by their numbers in the message. */
  readonly http?: readonly (readonly [number: number, value: string])[];
  readonly destination?: readonly [type: string, name: string];
  readonly maxRps?: number;
  readonly path?: string;
}

function body({ type = 'deployment', name = 'web', http = [], destination, maxRps = 0 }: Asking): Buffer {
  const resource = (kind: string, of: string): Buffer =>
    message([1, message([1, kind === 'namespace' ? '' : 'emojivoto'], [2, kind], [3, of])]);
  const rate = Buffer.alloc(4);
  rate.writeFloatLE(maxRps);
  const matches = [
    ...http.map(([number, value]) => message([5, message([number, value])])),
    ...(destination ? [message([4, resource(...destination)])] : []),
  ];
  const all = message([1, Buffer.concat(matches.map((match) => message([1, match])))]);
  return Buffer.concat([message([1, resource(type, name)], [2, all]), Buffer.from([3 * 8 + 5]), rate]);
}

interface Event {
  readonly kind: 'request' | 'response' | 'end';
  readonly direction: 'inbound' | 'outbound';
  readonly path: string;
  readonly stream: number;
  readonly status: number;
  readonly grpcStatus: number | undefined;
  readonly source: Readonly<Record<string, string>>;
  readonly destination: Readonly<Record<string, string>>;
}

type Field = number | Buffer | undefined;
const field = (bytes: Field, ...path: readonly number[]): Field =>
  path.reduce<Field>(
    (inner, number) => (Buffer.isBuffer(inner) ? [...fieldsOf(inner)].find((each) => each.number === number)?.value : undefined),
    bytes,
  );
const labels = (bytes: Field): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Buffer.isBuffer(bytes) ? [...fieldsOf(bytes)].map(({ value }) => [String(field(value, 1)), String(field(value, 2) ?? '')]) : [],
  );

function eventOf(bytes: Buffer): Event {
  const http = field(bytes, 3) as Buffer;
  const [{ number = 0, value = 0 } = {}] = [...fieldsOf(http)];
  const end = number === 3 ? field(value, 5, 1) : undefined;
  return {
    kind: (['request', 'response', 'end'] as const)[number - 1] ?? 'end',
    direction: field(bytes, 6) === 1 ? 'inbound' : 'outbound',
    path: number === 1 ? String(field(value, 5)) : '',
    stream: Number(field(value, 1, 2)),
    status: number === 2 ? Number(field(value, 3)) : 0,
    grpcStatus: end === undefined ? undefined : Number(end),
    source: labels(field(bytes, 5)),
    destination: labels(field(bytes, 4)),
  };
}

function frames(bytes: Buffer): readonly Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt32LE(at);
    if (at + 4 + length > bytes.length) break;
    found.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return found;
}

interface Tapped {
  readonly code: number;
  readonly error: string | null;
  readonly frames: readonly Buffer[];
  readonly events: readonly Event[];
}

/**
 * What one round of the bot shows to a tap.
 * @param requests that have to come; more are waited for briefly
 */
async function tap(requests: number, asking: Asking = {}, options = emojivotoMesh()): Promise<Tapped> {
  const clock = manualClock();
  const { sandbox } = await openSandbox({ ...options, clock });
  const { type = 'deployment', name = 'web' } = asking;
  const own = type === 'namespace' ? `namespaces/${name}/tap` : `namespaces/emojivoto/${type}s/${name}/tap`;
  const leaving = new AbortController();
  const response = await fetch(`${sandbox.url}/apis/tap.linkerd.io/v1alpha1/watch/${asking.path ?? own}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${sandbox.token}` },
    body: new Uint8Array(body(asking)),
    signal: AbortSignal.any([leaving.signal, AbortSignal.timeout(5000)]),
  });
  clock.advance(ROUND_MS);
  const reader = response.body?.getReader();
  let bytes = Buffer.alloc(0);
  for (;;) {
    const isEnough = frames(bytes).length >= 3 * requests;
    const quiet = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), isEnough ? 50 : 5000));
    const next = await Promise.race([reader?.read(), quiet]);
    if (!next?.value) break;
    bytes = Buffer.concat([bytes, next.value]);
  }
  leaving.abort();
  const all = frames(bytes);
  const error = response.headers.get('linkerd-error');
  return { code: response.status, error, frames: all, events: error === null && response.status === 200 ? all.map(eventOf) : [] };
}

const countOf = (events: readonly Event[], wanted: Partial<Event>): number =>
  events.filter((event) => Object.entries(wanted).every(([key, value]) => event[key as keyof Event] === value)).length;

describe('tap', () => {
  it('shows every request of a workload with its answer, on both sides of its proxy', async () => {
    const { events } = await tap(35);
    expect(countOf(events, { kind: 'request', direction: 'inbound' })).toBe(14);
    expect(countOf(events, { kind: 'request', direction: 'outbound' })).toBe(21);
    for (const { stream, direction } of events.filter(({ kind }) => kind === 'request'))
      expect(events.filter((each) => each.stream === stream && each.direction === direction).map(({ kind }) => kind)).toEqual([
        'request',
        'response',
        'end',
      ]);
    expect(countOf(events, { kind: 'response', status: 500 })).toBe(1);
    expect(countOf(events, { kind: 'end', grpcStatus: 2 })).toBe(1);
    const inbound = events.find(({ direction }) => direction === 'inbound');
    expect(inbound?.source).toMatchObject({ deployment: 'vote-bot', namespace: 'emojivoto', tls: 'true' });
    expect(inbound?.destination).toMatchObject({ deployment: 'web', control_plane_ns: 'linkerd' });
    const outbound = events.find(({ path }) => path.endsWith('VoteDoughnut'));
    expect(outbound?.destination).toMatchObject({ deployment: 'voting', service: 'voting-svc', tls: 'true' });
  });

  it.each<readonly [what: string, asking: Asking, requests: number]>([
    ['a path', { http: [[4, '/api/vote']] }, 7],
    [
      'a method and an authority',
      {
        http: [
          [2, 'POST'],
          [3, 'voting-svc.emojivoto:8080'],
        ],
      },
      7,
    ],
    ['a destination', { destination: ['deployment', 'emoji'] }, 14],
    ['another destination', { destination: ['deployment', 'other'] }, 0],
    ['a pod that only answers', { name: 'voting' }, 7],
    ['a service', { type: 'service', name: 'voting-svc' }, 7],
    ['a whole namespace', { type: 'namespace', name: 'emojivoto' }, 70],
  ])('of %s', async (_what, asking, requests) => {
    expect(countOf((await tap(requests, asking)).events, { kind: 'request' })).toBe(requests);
  });

  it('keeps to the rate that is asked for', async () => {
    const { events } = await tap(7, { maxRps: 1 });
    expect(countOf(events, { kind: 'request' })).toBe(7);
  });

  it.each<readonly [what: string, asking: Asking, annotations: Readonly<Record<string, string>>, text: RegExp]>([
    ['what is not there', { name: 'nothing' }, {}, /^deployment "nothing" not found$/],
    ['another path than the body', { path: 'namespaces/emojivoto/deployments/emoji/tap' }, {}, /did not match APIServer URL/],
    [
      'what must not be tapped',
      {},
      { 'viz.linkerd.io/disable-tap': 'true' },
      /^no pods to tap for type="deployment" name="web"\n1 pods found with tap not enabled:\n\t\* web-/,
    ],
  ])('refuses %s', async (_what, asking, annotations, text) => {
    const options = emojivotoMesh({
      before: (_app, injection) => ({ ...injection, inherited: { ...injection.inherited, ...annotations } }),
      replace: (object) =>
        object.kind === 'Namespace'
          ? { ...object, metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, ...annotations } } }
          : undefined,
    });
    const { code, error, frames: found } = await tap(1, asking, options);
    expect([code, error]).toEqual([200, 'Internal Server Error']);
    expect(String(field(found[0], 1))).toMatch(text);
  });

  it('is unavailable while the API server does not trust its certificate', async () => {
    expect((await tap(1, {}, brokenEmojivoto.options())).code).toBe(503);
  });
});
