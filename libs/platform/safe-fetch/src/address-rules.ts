import { BlockList, isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * IPv4 that is not a host of the public internet: the IANA IPv4 Special-Purpose Address Registry, taken wholesale, with
 * multicast (RFC 5771), class E and broadcast (RFC 1112), and the one public address that answers as a cloud's own metadata service.
 */
const REFUSED_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10', // carrier NAT, RFC 6598; Alibaba's metadata service is 100.100.100.200
  '127.0.0.0/8',
  '168.63.129.16/32', // Azure's host agent: "What is IP address 168.63.129.16", Microsoft Learn
  '169.254.0.0/16', // link-local; 169.254.169.254 is the metadata service of most clouds
  '172.16.0.0/12',
  '192.0.0.0/24', // IETF protocol assignments; Oracle's metadata service was 192.0.0.192
  '192.0.2.0/24',
  '192.31.196.0/24', // AS112, RFC 7535
  '192.52.193.0/24', // AMT, RFC 7450
  '192.88.99.0/24', // 6to4 relays, RFC 7526
  '192.168.0.0/16',
  '192.175.48.0/24', // AS112, RFC 7534
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];

/**
 * The only part of IPv6 from which global unicast addresses are given out (IANA IPv6 Global Unicast Address Assignments).
 * Loopback, mapped and compatible IPv4, both NAT64 prefixes, ULA, link-local, site-local and multicast all lie outside it.
 */
const GLOBAL_V6 = '2000::/3';

/** What inside `GLOBAL_V6` is no ordinary host. An address that embeds IPv4 is refused whatever it embeds: unwrapping is where others slipped. */
const REFUSED_V6 = [
  '2001::/23', // IETF protocol assignments: Teredo, benchmarking, ORCHID
  '2001:db8::/32',
  '2002::/16', // 6to4, RFC 3056
  '2620:4f:8000::/48', // AS112, RFC 7534
  '3fff::/20', // documentation, RFC 9637
];

const v4 = subnets(REFUSED_V4);
const v6 = subnets(REFUSED_V6);
const v6Global = subnets([GLOBAL_V6]);

function subnets(list: readonly string[]): BlockList {
  const rules = new BlockList();
  for (const entry of list) {
    const [base, bits] = entry.split('/') as [string, string];
    rules.addSubnet(base, Number(bits), isIP(base) === 6 ? 'ipv6' : 'ipv4');
  }
  return rules;
}

/** ISATAP hides IPv4 in the interface id, below any prefix: `::0:5efe:a.b.c.d` and `::200:5efe:a.b.c.d` (RFC 5214 §6.1). */
function isIsatap(address: string): boolean {
  const { parts } = ipaddr.IPv6.parse(address);
  return parts[5] === 0x5efe && (parts[4]! & ~0x0200) === 0;
}

/** True for the text of an IP address that is globally routable unicast. All else, also what is no address or carries a zone, is not. */
export function isGloballyRoutable(address: string): boolean {
  switch (address.includes('%') ? 0 : isIP(address)) {
    case 4:
      return !v4.check(address, 'ipv4');
    case 6:
      return v6Global.check(address, 'ipv6') && !v6.check(address, 'ipv6') && !isIsatap(address);
    default:
      return false;
  }
}
