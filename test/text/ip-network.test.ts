import { describe, expect, it } from 'vitest';
import { isWithin, parseAddress, parseNetwork } from '../../src/text/ip-network.ts';

const within = (inner: string, ...networks: readonly string[]): boolean | undefined => {
  const parsed = inner.includes('/') ? parseNetwork(inner) : parseAddress(inner);
  return (
    parsed &&
    isWithin(
      parsed,
      networks.flatMap((each) => parseNetwork(each) ?? []),
    )
  );
};

describe('isWithin', () => {
  it('compares addresses and networks of one family', () => {
    expect(within('10.1.2.3', '10.0.0.0/8')).toBe(true);
    expect(within('11.0.0.0', '10.0.0.0/8')).toBe(false);
    expect(within('10.0.0.0/7', '10.0.0.0/8')).toBe(false);
    expect(within('10.255.0.0/16', '10.0.0.0/8')).toBe(true);
    expect(within('fd12::1', 'fd00::/8', '10.0.0.0/8')).toBe(true);
    expect(within('fe80::1', 'fd00::/8')).toBe(false);
    expect(within('::1', '0.0.0.0/0')).toBe(false);
    expect(within('192.0.2.1', '192.0.2.1/32')).toBe(true);
    expect(within('2001:db8::', '::/0')).toBe(true);
  });
});

describe('parseNetwork', () => {
  it('ignores bits behind the prefix', () => {
    expect(parseNetwork('10.1.2.3/8')).toEqual(parseNetwork('10.0.0.0/8'));
  });

  it('reads the forms of IPv6', () => {
    expect(parseAddress('::ffff:10.0.0.1')).toEqual(parseAddress('::ffff:a00:1'));
    expect(parseAddress('1:2:3:4:5:6:7:8')?.first).toBe(0x0001_0002_0003_0004_0005_0006_0007_0008n);
    expect(parseAddress('1::8')).toEqual(parseAddress('1:0:0:0:0:0:0:8'));
  });

  it('refuses what is none', () => {
    for (const text of [
      '',
      '10.0.0.0',
      '10.0.0.0/33',
      '10.0.0/8',
      '256.0.0.0/8',
      'fd00::/129',
      '1::2::3/8',
      '1:2:3/8',
      'x/8',
      '::1%eth0/8',
    ]) {
      expect(parseNetwork(text), text).toBeUndefined();
    }
    for (const text of ['None', '10.0.0.0/8', '1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7::8']) {
      expect(parseAddress(text), text).toBeUndefined();
    }
  });
});
