/** The serving side of admission webhooks: HTTPS over a stream, AdmissionReviews in and out. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { at, isBody, objectAt, stringAt } from '../../model/body.ts';
import type { Certificate } from '../pki/certificate.ts';
import { isSame, type KubeObject } from '../store/object.ts';
import { httpsServer } from './https-server.ts';

/** What a webhook makes of an object; a text refuses it. */
export type Judgement = (object: KubeObject) => KubeObject | string;

/** @returns a function that opens a connection to the server */
export function webhookServer(
  certificate: Pick<Certificate, 'certificatePem' | 'keyPem'>,
  paths: Readonly<Record<string, Judgement>>,
): () => Duplex {
  // A client that goes in the middle of its request is owed no answer.
  return httpsServer(certificate, (message, response) => void answer(message, response, paths).catch(() => response.destroy()));
}

async function answer(message: IncomingMessage, response: ServerResponse, paths: Readonly<Record<string, Judgement>>): Promise<void> {
  const judge = paths[new URL(message.url ?? '/', 'https://webhook').pathname];
  const chunks: Uint8Array[] = [];
  for await (const chunk of message) chunks.push(chunk as Uint8Array);
  if (!judge || message.method !== 'POST') {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found\n');
    return;
  }
  const review = parsed(Buffer.concat(chunks).toString());
  if (!isBody(review)) {
    response.writeHead(400, { 'content-type': 'text/plain' }).end('The body is no AdmissionReview in JSON.\n');
    return;
  }
  const object = objectAt(review, 'request', 'object') as KubeObject;
  const { apiVersion, kind } = review;
  const judged = judge(object);
  const patch = typeof judged === 'string' ? [] : patchBetween(object, judged);
  const verdict = {
    uid: stringAt(review, 'request', 'uid'),
    allowed: typeof judged !== 'string',
    ...(typeof judged === 'string' ? { status: { message: judged } } : {}),
    ...(patch.length > 0 ? { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') } : {}),
  };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ apiVersion, kind, response: verdict }));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** A JSON patch that replaces whole fields of the metadata and the spec. */
function patchBetween(before: KubeObject, after: KubeObject): readonly object[] {
  return ['metadata', 'spec'].flatMap((part) => {
    const [old, next] = [objectAt(before, part), objectAt(after, part)];
    const names = [...new Set([...Object.keys(old), ...Object.keys(next)])].filter((name) => !isSame(old[name], next[name]));
    const whole = isBody(at(before, [part])) || names.length === 0 ? [] : [{ op: 'add', path: `/${part}`, value: {} }];
    return [
      ...whole,
      ...names.map((name) => {
        const path = `/${part}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
        return next[name] === undefined ? { op: 'remove', path } : { op: 'add', path, value: next[name] };
      }),
    ];
  });
}
