import fc from 'fast-check';
import { isGloballyRoutable } from './address-rules';

const PRIVATE = [
  ...['0.0.0.0', '0.1.2.3', '10.0.0.1', '100.64.0.1', '100.100.100.200', '100.127.255.255', '127.0.0.1', '127.255.255.254', '168.63.129.16', '169.254.169.254'],
  ...['172.16.0.1', '172.31.255.255', '192.0.0.192', '192.0.2.7', '192.31.196.1', '192.52.193.1', '192.88.99.1', '192.168.1.1', '192.175.48.1', '198.18.0.1'],
  ...['198.19.255.255', '198.51.100.1', '203.0.113.9', '224.0.0.1', '239.255.255.250', '240.0.0.1', '255.255.255.255'],
  ...['::', '::1', '::7f00:1', '::ffff:7f00:1', '::ffff:127.0.0.1', '::ffff:8.8.8.8', '::ffff:0:7f00:1', '64:ff9b::7f00:1', '64:ff9b::808:808', '64:ff9b:1::7f00:1'],
  ...['100::1', '2001::80ff:fffe', '2001:0:4136:e378:8000:63bf:3fff:fdd2', '2001:2::1', '2001:10::1', '2001:20::1', '2001:db8::1', '2002:7f00:1::', '2002:808:808::1'],
  ...['2620:4f:8000::1', '3fff::1', '5f00::1', 'fc00::1', 'fd00:ec2::254', 'fe80::1', 'fe80::5efe:7f00:1', 'fe80::1%lo', 'fec0::1', 'ff02::1', 'ff0e::1'],
  ...['2a00:1450::5efe:7f00:1', '2a00:1450::200:5efe:808:808', '4000::1', '1fff::1'],
  ...['', 'localhost', '127.1', '0x7f000001', '2130706433', '8.8.8.8.', ' 8.8.8.8', '8.8.8.8%0', '[2a00:1450::1]', '08.8.8.8'],
];
const PUBLIC = [
  ...['1.1.1.1', '8.8.8.8', '9.255.255.255', '11.0.0.1', '100.63.255.255', '100.128.0.1', '126.255.255.255', '128.0.0.1', '168.63.129.15', '169.253.255.255'],
  ...['172.15.255.255', '172.32.0.1', '192.0.1.1', '192.167.255.255', '198.17.255.255', '198.20.0.1', '223.255.255.255'],
  ...['2001:200::1', '2001:4860:4860::8888', '2003::1', '2606:4700:4700::1111', '2a00:1450:4001:80b::200e', '2a00:1450::5eff:7f00:1'],
];

test.each(PRIVATE)('%p is refused', (address) => expect(isGloballyRoutable(address)).toBe(false));
test.each(PUBLIC)('%p may be reached', (address) => expect(isGloballyRoutable(address)).toBe(true));

const byte = fc.integer({ min: 0, max: 255 });
const hextet = fc.integer({ min: 0, max: 0xffff }).map((n) => n.toString(16));

test('no private IPv4 passes in any of the forms that embed it', () => {
  const blocks: [number, number][] = [[10, -1], [127, -1], [192, 168], [169, 254], [0, -1]];
  fc.assert(
    fc.property(fc.constantFrom(...blocks), byte, byte, byte, ([a, fixed], b, c, d) => {
      const bytes = [a, fixed < 0 ? b : fixed, c, d];
      const high = (bytes[0]! * 256 + bytes[1]!).toString(16);
      const low = (bytes[2]! * 256 + bytes[3]!).toString(16);
      const forms = [
        bytes.join('.'),
        `::${high}:${low}`,
        `::ffff:${high}:${low}`,
        `64:ff9b::${high}:${low}`,
        `64:ff9b:1::${high}:${low}`,
        `2002:${high}:${low}::1`,
        `2001::${high}:${low}`,
        `fe80::5efe:${high}:${low}`,
        `2a00:1450:1:1:0:5efe:${high}:${low}`,
      ];
      expect(forms.filter(isGloballyRoutable)).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

test('IPv6 outside 2000::/3 never passes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff }).filter((n) => n >> 13 !== 1), fc.array(hextet, { minLength: 7, maxLength: 7 }), (first, rest) => {
      expect(isGloballyRoutable([first.toString(16), ...rest].join(':'))).toBe(false);
    }),
    { numRuns: 500 },
  );
});
