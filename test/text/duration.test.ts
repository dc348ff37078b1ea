import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from '../../src/text/duration.ts';

describe('parseDuration', () => {
  it.each([
    ['0', 0],
    ['5s', 5000],
    ['1h30m', 5_400_000],
    ['1.5s', 1500],
    ['.5s', 500],
    ['250ms', 250],
    ['1us', 0.001],
    ['1µs', 0.001],
    ['1μs', 0.001],
    ['-2m', -120_000],
    ['+1m', 60_000],
    ['1m1m', 120_000],
  ])('reads %s', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each(['', '5', 's', '5 s', '5sec', '1d', '1h 30m', '5S', '--5s', '.s', '1.2.3s', '5s '])('refuses "%s"', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

describe('formatDuration', () => {
  it.each(['0s', '30s', '1m0s', '1h0m0s', '1h0m1.5s', '250ms', '1.5ms', '20µs', '-2m0s'])('writes %s as Go does', (text) => {
    expect(formatDuration(parseDuration(text) ?? Number.NaN)).toBe(text);
  });
});
