/** Values that messages of Linkerd have in common. */
import { fixed32, message } from '../programs/protobuf-writer.ts';

export const ip = (text: string): Buffer =>
  fixed32(
    1,
    text.split('.').reduce((number, part) => number * 256 + Number(part), 0),
  );

export const address = (text: string, port: number): Buffer => message([1, ip(text)], [2, port]);

/** A map, as the message that only holds it in its first field. */
export const labelMap = (labels: Readonly<Record<string, string>>): Buffer =>
  Buffer.concat(mapEntries(labels).map((entry) => message([1, entry])));

export const mapEntries = (labels: Readonly<Record<string, string>>): readonly Buffer[] =>
  Object.entries(labels).map(([key, value]) => message([1, key], [2, value]));

export const duration = (milliseconds: number): Buffer =>
  message([1, Math.floor(milliseconds / 1000)], [2, Math.round((milliseconds % 1000) * 1e6)]);

/** What something is: an object, or a default by its name. */
export const resourceRef = (group: string, kind: string, name: string, namespace: string, port = 0): Buffer =>
  message([2, message([1, group], [2, kind], [3, name], [4, namespace], [6, port])]);
