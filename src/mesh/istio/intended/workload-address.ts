/** Addresses of istiod's workload API: bytes, which its debug page writes as base64 of the address in text, and elsewhere as base64 of the bytes themselves. */
import { numberAt, stringAt } from '../../../model/body.ts';
import type { Body } from '../../../model/resource.ts';

const TEXT = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F.]*:[0-9a-fA-F:.]*)$/;

/** @returns the text as it is when it is no base64 */
export function addressText(base64: string): string {
  const bytes = bytesOf(base64);
  if (bytes === undefined) return base64;
  const text = String.fromCharCode(...bytes);
  if (TEXT.test(text)) return text;
  if (bytes.length === 4) return bytes.join('.');
  return bytes.length === 16 ? compressed(bytes) : base64;
}

function bytesOf(base64: string): readonly number[] | undefined {
  try {
    return Array.from(atob(base64), (char) => char.charCodeAt(0));
  } catch {
    return undefined;
  }
}

/** As RFC 5952 writes IPv6: the longest run of zeros is left out. */
function compressed(bytes: readonly number[]): string {
  const groups = Array.from({ length: 8 }, (_, index) => ((bytes[index * 2] ?? 0) * 256 + (bytes[index * 2 + 1] ?? 0)).toString(16));
  const [run] = [...groups.join(':').matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].sort((left, right) => right[0].length - left[0].length);
  if (!run) return groups.join(':');
  const text = groups.join(':');
  return `${text.slice(0, run.index)}::${text.slice(run.index + run[0].length).replace(/^:/, '')}`;
}

/** `10.0.0.7`, or with the length of a range behind it. @param always for single addresses too */
export function rangeText(value: Body, always = false): string {
  const address = addressText(stringAt(value, 'address') ?? '');
  const most = address.includes(':') ? 128 : 32;
  // Zero is left out in protobuf's JSON: in a policy it is the range of everything, of a service the address alone.
  const length = numberAt(value, 'length') ?? (always ? 0 : most);
  return always || length !== most ? `${address}/${length}` : address;
}
