/** Reading annotations as Kuma does, which refuses a pod for a value that it does not understand. */
import type { InjectReason } from '../../../model/inject.ts';
import { parseDuration } from '../../../text/duration.ts';

export interface Annotations {
  text(key: string): string | undefined;
  /** @param words whether `enabled` and `disabled` are spellings too */
  isOn(key: string, fallback: boolean, words?: 'enabled' | 'plain'): boolean;
  number(key: string): number | undefined;
  /** Milliseconds. */
  duration(key: string): number | undefined;
  list(key: string): readonly string[];
  /** `A=1;B=2`. */
  map(key: string): Readonly<Record<string, string>>;
  /** Ports, comma-separated. */
  ports(key: string): readonly number[];
  /** Of one of the words. */
  word(key: string, known: readonly string[]): string | undefined;
  /** Values that were asked for and not understood. */
  readonly faults: readonly InjectReason[];
}

export function annotationsIn(entries: Readonly<Record<string, string>>): Annotations {
  const faults: InjectReason[] = [];
  const refuse = (key: string, wants: string): undefined => {
    const message = `The value "${entries[key]}" of annotation "${key}" is not ${wants}: Kuma refuses such a pod.`;
    if (!faults.some((fault) => fault.message === message)) faults.push({ code: 'invalid-annotation', message });
    return undefined;
  };
  /** Of a value that is there. */
  const read = <T>(key: string, wants: string, parse: (value: string) => T | undefined): T | undefined => {
    const value = entries[key];
    return value === undefined ? undefined : (parse(value) ?? refuse(key, wants));
  };
  return {
    faults,
    text: (key) => entries[key],
    isOn: (key, fallback, words = 'enabled') =>
      read(key, words === 'enabled' ? '"enabled" or "disabled"' : '"true" or "false"', (value) => switchOf(value, words === 'enabled')) ??
      fallback,
    number: (key) => read(key, 'a whole number', (value) => (/^\d{1,9}$/.test(value) ? Number(value) : undefined)),
    duration: (key) => read(key, 'a duration such as "30s"', parseDuration),
    list: (key) => (entries[key] ?? '').split(',').filter((part) => part !== ''),
    map: (key) => read(key, 'of the form "KEY=value;KEY=value"', mapOf) ?? {},
    ports: (key) => read(key, 'a list of ports', portsOf) ?? [],
    word: (key, known) =>
      read(key, `one of ${known.map((word) => `"${word}"`).join(', ')}`, (value) => (known.includes(value) ? value : undefined)),
  };
}

/** @param hasWords whether `enabled` and `disabled` are spellings too */
export function switchOf(value: string, hasWords: boolean): boolean | undefined {
  if (value === 'true' || value === 'yes' || (hasWords && value === 'enabled')) return true;
  return value === 'false' || value === 'no' || (hasWords && value === 'disabled') ? false : undefined;
}

function mapOf(value: string): Readonly<Record<string, string>> | undefined {
  const pairs = value.split(';').map((pair) => pair.split('='));
  return pairs.every((pair) => pair.length === 2) ? Object.fromEntries(pairs as [string, string][]) : undefined;
}

/** Ports of a list that is written with commas. */
export function portsOf(value: string): readonly number[] | undefined {
  const parts = value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  return parts.every((part) => /^\d{1,5}$/.test(part) && Number(part) > 0 && Number(part) < 65536) ? parts.map(Number) : undefined;
}
