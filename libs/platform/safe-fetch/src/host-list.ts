import { BlockList, isIP } from 'node:net';

/** A list of hosts and networks, as an operator writes it. */
export interface HostList {
  /** True when the name itself is listed, for this port or for all. */
  hasName(name: string, port: number): boolean;
  /** True when the address lies in a listed network or is listed itself, for this port or for all. */
  hasAddress(address: string, port: number): boolean;
}

interface Network {
  readonly family: 4 | 6;
  readonly rules: BlockList;
  readonly port: number | undefined;
}

/** Lower-cased, without the trailing dot of a rooted name and without the brackets of IPv6. */
export function plainName(host: string): string {
  return host.toLowerCase().replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}

/**
 * Reads entries of the forms `name`, `name:port`, `10.0.0.0/8`, `10.1.2.3`, `10.1.2.3:8080`, `fd00::/8`, `[fd00::1]:8080`.
 * @throws Error naming the entry that has none of these forms; for the start of a service.
 */
export function parseHostList(entries: readonly string[]): HostList {
  const names = new Set<string>();
  const networks: Network[] = [];
  for (const entry of entries) {
    const { host, bits, port } = split(entry);
    const family = isIP(host);
    if (family === 0) {
      if (bits !== undefined || !/^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/.test(host)) throw invalid(entry);
      names.add(port === undefined ? host : `${host}:${port}`);
      continue;
    }
    const rules = new BlockList();
    const width = family === 6 ? 128 : 32;
    if (bits !== undefined && bits > width) throw invalid(entry);
    rules.addSubnet(host, bits ?? width, family === 6 ? 'ipv6' : 'ipv4');
    networks.push({ family: family as 4 | 6, rules, port });
  }
  return {
    hasName: (name, port) => names.has(plainName(name)) || names.has(`${plainName(name)}:${port}`),
    // BlockList itself lets an IPv4 rule match its IPv4-mapped twin; the family has to be the same here.
    hasAddress: (address, port) => {
      const family = isIP(address);
      return networks.some((n) => n.family === family && (n.port === undefined || n.port === port) && n.rules.check(address, family === 6 ? 'ipv6' : 'ipv4'));
    },
  };
}

function split(entry: string): { host: string; bits: number | undefined; port: number | undefined } {
  const trimmed = entry.trim();
  if (isIP(trimmed) === 6) return { host: trimmed.toLowerCase(), bits: undefined, port: undefined };
  const match = /^(?:\[([^\]]+)\]|([^/:]+)|([0-9a-f:.]+(?=\/)))(?:\/(\d{1,3}))?(?::(\d{1,5}))?$/i.exec(trimmed);
  if (!match) throw invalid(entry);
  const [, bracketed, plain, v6, bits, port] = match;
  return { host: plainName(bracketed ?? plain ?? v6!), bits: bits === undefined ? undefined : Number(bits), port: port === undefined ? undefined : Number(port) };
}

function invalid(entry: string): Error {
  return new Error(`"${entry}" is no host, host:port, IP address or CIDR`);
}
