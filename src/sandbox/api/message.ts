/** Bodies in, bodies out. */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { parseYaml } from '../../text/yaml.ts';
import type { Answer } from './paths.ts';
import { readProtobuf } from './protobuf.ts';
import { ApiProblem, badRequest } from './status.ts';

const UNKNOWN_FORMAT =
  'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml';
const LARGEST_BYTES = 8 * 1024 * 1024;

async function readBytes(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    const bytes = Buffer.from(chunk as Uint8Array);
    size += bytes.length;
    if (size > LARGEST_BYTES) throw badRequest(`the body of the request is larger than ${LARGEST_BYTES} bytes`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** The body as a value, or as the text it is. An empty body is undefined. */
export async function readBody(message: IncomingMessage): Promise<unknown>;
export async function readBody(message: IncomingMessage, as: 'text'): Promise<string>;
export async function readBody(message: IncomingMessage, as: 'value' | 'text' = 'value'): Promise<unknown> {
  const bytes = await readBytes(message);
  const text = bytes.toString('utf8');
  if (as === 'text') return text;
  if (text.trim() === '') return undefined;
  const type = (message.headers['content-type'] ?? '').split(';')[0]?.trim() ?? '';
  try {
    if (type === 'application/vnd.kubernetes.protobuf') {
      const value = readProtobuf(bytes);
      if (value === undefined) throw new ApiProblem('UnsupportedMediaType', UNKNOWN_FORMAT);
      return value;
    }
    return type === 'application/yaml' ? parseYaml(text) : (JSON.parse(text) as unknown);
  } catch (error) {
    if (error instanceof ApiProblem) throw error;
    throw badRequest(`the object provided is unrecognized: ${(error as Error).message}`);
  }
}

/** Who writes: what the client says, or the first word of its user agent. */
export function managerOf(query: URLSearchParams, message: IncomingMessage): string {
  return query.get('fieldManager') || (message.headers['user-agent'] ?? 'unknown').split('/')[0] || 'unknown';
}

export function sendJson(response: ServerResponse, code: number, body: object, headers: OutgoingHttpHeaders = {}): void {
  if (response.headersSent || response.destroyed) return;
  const text = Buffer.from(JSON.stringify(body));
  response.writeHead(code, {
    'cache-control': 'no-cache, private',
    ...headers,
    'content-type': headers['content-type'] ?? 'application/json',
    'content-length': text.length,
  });
  response.end(text);
}

/** An object goes as JSON, a text as it is, bytes under the type given. */
export function send(response: ServerResponse, { body, type }: Answer): void {
  if (typeof body !== 'string' && !(body instanceof Uint8Array))
    sendJson(response, 200, body, type === undefined ? {} : { 'content-type': type });
  else {
    response.writeHead(200, { 'content-type': type ?? 'text/plain; charset=utf-8', 'content-length': Buffer.byteLength(body) });
    response.end(body);
  }
}
