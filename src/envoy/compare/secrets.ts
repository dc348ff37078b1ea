/** Secrets by what the certificates in them say. Keys are never looked at. */

import type { Entry } from '../config-dump.ts';
import { secretRows } from '../secrets.ts';

/** Those that istiod reads in the cluster for gateways; all others are made by the agent beside the proxy. */
export const isSentByIstiod = (name: string): boolean => /^(?:kubernetes(?:-gateway)?|configmap):\/\//.test(name);

export function comparableSecret(entry: Entry): object {
  const rows = secretRows(entry).map(({ type, serial, notBefore, notAfter, subjectAltNames }) => ({
    type,
    ...(serial === undefined ? {} : { serial_number: serial }),
    ...(notBefore === undefined ? {} : { not_before: timeText(notBefore) }),
    ...(notAfter === undefined ? {} : { not_after: timeText(notAfter) }),
    ...(subjectAltNames.length === 0 ? {} : { subject_alt_names: [...subjectAltNames].sort() }),
  }));
  const [first, ...rest] = rows;
  // Authorities may be many, in any order.
  if (first && rest.length === 0) return first;
  return { certificates: Object.fromEntries(rows.map((row, index) => [row.serial_number ?? `${index}`, row])) };
}

const timeText = (time: number): string => (Number.isNaN(time) ? '' : new Date(time).toISOString().replace('.000Z', 'Z'));
