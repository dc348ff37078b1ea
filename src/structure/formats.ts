/** Formats of texts that the API server checks, each with its name in words. A format that is not here is not checked. */
import { parseDuration } from '../text/duration.ts';
import { parseAddress, parseNetwork } from '../text/ip-network.ts';

export interface Format {
  readonly words: string;
  accepts(text: string): boolean;
}

const DATE_TIME =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/;

/** The API server takes these for durations besides what Go writes: `3 days`, `1 hour`. */
const SPOKEN_DURATION =
  /^\d+\s*(?:ns|nanos?|nanoseconds?|us|µs|micros?|microseconds?|ms|millis?|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|wks?|weeks?)$/i;

export const FORMATS: Readonly<Record<string, Format>> = {
  'date-time': { words: 'a time such as "2026-01-31T12:00:00Z"', accepts: (text) => DATE_TIME.test(text) },
  duration: {
    words: 'a duration such as "30s"',
    accepts: (text) => parseDuration(text) !== undefined || SPOKEN_DURATION.test(text),
  },
  ipv4: { words: 'an IPv4 address', accepts: (text) => parseAddress(text)?.family === 4 },
  ipv6: { words: 'an IPv6 address', accepts: (text) => parseAddress(text)?.family === 6 },
  cidr: { words: 'a network such as "10.0.0.0/8"', accepts: (text) => parseNetwork(text) !== undefined },
  byte: { words: 'text in base64', accepts: (text) => /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text) },
};

/** Definitions in the input name what they like, `constructor` too. */
export const formatNamed = (name: string | undefined): Format | undefined =>
  name !== undefined && Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
