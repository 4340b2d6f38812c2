import { describe, expect, it } from 'vitest';
import { formatAddress, parseAddress, Subnet } from '../../lib/machine/index.js';

describe('addresses', () => {
  it('are read and written', () => {
    for (const text of ['0.0.0.0', '10.77.0.1', '192.168.56.5', '255.255.255.255'])
      expect(formatAddress(parseAddress(text) ?? -1)).toBe(text);
  });

  it('are refused when they are none', () => {
    for (const text of ['', '1.2.3', '1.2.3.4.5', '1.2.3.256', '01.2.3.4', '1.2.3.4 ', '1.2.3.x', '-1.2.3.4', '1.2.3.4\n', '::1'])
      expect(parseAddress(text), JSON.stringify(text)).toBeUndefined();
  });
});

describe('Subnet', () => {
  it.each([
    ['192.168.56.0/24', '192.168.56.0', '192.168.56.255', '255.255.255.0'],
    ['192.168.56.128/25', '192.168.56.128', '192.168.56.255', '255.255.255.128'],
    ['10.0.0.0/8', '10.0.0.0', '10.255.255.255', '255.0.0.0'],
    ['192.168.56.4/30', '192.168.56.4', '192.168.56.7', '255.255.255.252'],
  ])('%s has its edges', (text, first, last, netmask) => {
    const subnet = Subnet.parse(text) as Subnet;
    expect([formatAddress(subnet.first), formatAddress(subnet.last), subnet.netmask, String(subnet)]).toEqual([first, last, netmask, text]);
    expect(subnet.contains(subnet.first - 1) || subnet.contains(subnet.last + 1)).toBe(false);
  });

  it('is refused when it is none', () => {
    for (const text of [
      '192.168.56.0',
      '192.0.0.0/08',
      '192.168.56.5/24',
      '192.168.56.0/31',
      '0.0.0.0/7',
      '192.168.56.0/24/8',
      '192.168.56.0/x',
      '/24',
      '',
    ])
      expect(Subnet.parse(text), text).toBeUndefined();
  });

  it('knows what it overlaps', () => {
    const [wide, inside, beside] = ['10.77.0.0/16', '10.77.3.0/24', '10.78.0.0/16'].map((text) => Subnet.parse(text) as Subnet) as [
      Subnet,
      Subnet,
      Subnet,
    ];
    expect([wide.overlaps(inside), inside.overlaps(wide), wide.overlaps(beside)]).toEqual([true, true, false]);
  });
});
