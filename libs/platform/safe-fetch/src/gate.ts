import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { isGloballyRoutable } from './address-rules';
import type { HostList } from './host-list';
import { notAllowed, unreachable } from './refusals';
import { isBadPort, isPrivateName, type Target } from './target';

/** Looks a name up once and answers all its addresses as text. */
export type Resolve = (name: string) => Promise<readonly string[]>;

/** A target whose addresses were all found fit to be dialled; only these may be dialled. */
export interface CheckedTarget extends Target {
  readonly addresses: readonly string[];
}

/** The system's resolver, hosts file included. */
export const systemResolve: Resolve = async (name) => (await lookup(name, { all: true, verbatim: true })).map(({ address }) => address);

export interface Gate {
  /**
   * Resolves once and checks every address.
   * @param webOnly also refuse the ports of other protocols, unless allowed by the list.
   * @throws Failure URL_NOT_ALLOWED; DOWNLOAD_FAILED when the name has no address or `signal` ends the wait.
   */
  check(target: Target, opts: { webOnly: boolean; signal: AbortSignal }): Promise<CheckedTarget>;
}

/** @param allow may be reached though private. @param deny never, whatever `allow` says: our own public addresses. */
export function createGate(allow: HostList, deny: HostList, resolve: Resolve): Gate {
  return {
    async check({ host, port }, { webOnly, signal }) {
      const named = allow.hasName(host, port);
      if (deny.hasName(host, port)) throw notAllowed('denied name');
      const privateName = isPrivateName(host);
      const addresses = isIP(host) === 0 ? await addressesOf(host, resolve, signal, privateName) : [host];
      for (const address of addresses) {
        const allowed = named || allow.hasAddress(address, port);
        if (deny.hasAddress(address, port)) throw notAllowed(`denied address ${address}`);
        if (allowed ? isIP(address) === 0 : privateName || !isGloballyRoutable(address)) throw notAllowed(`address ${address}`);
        if (webOnly && !allowed && isBadPort(port)) throw notAllowed(`port ${port}`);
      }
      return { host, port, addresses };
    },
  };
}

/** A lookup cannot be aborted; its late answer is ignored. */
async function addressesOf(name: string, resolve: Resolve, signal: AbortSignal, privateName: boolean): Promise<readonly string[]> {
  signal.throwIfAborted();
  let leave = (): void => undefined;
  const left = new Promise<never>((_, reject) => {
    leave = () => reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
  });
  try {
    const addresses = await Promise.race([resolve(name), left]);
    if (addresses.length === 0) throw new Error('the name has no address');
    return addresses;
  } catch (error) {
    // Whether a private name exists is nobody's business.
    throw privateName && !signal.aborted ? notAllowed('private name without address') : unreachable(error);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}
