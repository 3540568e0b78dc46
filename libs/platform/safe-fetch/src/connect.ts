import { once } from 'node:events';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { CheckedTarget } from './gate';
import { plainName } from './host-list';
import { unreachable } from './refusals';

/**
 * Dials the checked addresses themselves, one after the other, never the name: what was checked is what is dialled.
 * @param ms for all addresses together; each gets its share of what is left.
 * @throws Failure DOWNLOAD_FAILED, or the signal's reason.
 */
export async function connectTo({ addresses, port }: CheckedTarget, ms: number, signal: AbortSignal): Promise<Socket> {
  const end = performance.now() + ms;
  let last: unknown;
  for (const [tried, address] of addresses.entries()) {
    signal.throwIfAborted();
    const share = Math.max(1, (end - performance.now()) / (addresses.length - tried));
    const socket = connect({ host: address, port, family: isIP(address), noDelay: true });
    try {
      await ready(socket, 'connect', share, signal);
      return socket;
    } catch (error) {
      signal.throwIfAborted();
      last = error;
    }
  }
  throw unreachable(last);
}

/**
 * Puts TLS on a dialled socket and checks the certificate against the name that was asked for.
 * @param ca PEM certificates trusted instead of the system's.
 */
export async function secure(socket: Socket, host: string, ca: string | undefined, ms: number, signal: AbortSignal): Promise<TLSSocket> {
  const name = plainName(host);
  // Explicit, so that no NODE_TLS_REJECT_UNAUTHORIZED of the environment turns the check off.
  const options = { socket, host: name, ca, ALPNProtocols: ['http/1.1'], rejectUnauthorized: true };
  const tls = connectTls(isIP(name) === 0 ? { ...options, servername: name } : options);
  try {
    await ready(tls, 'secureConnect', ms, signal);
    return tls;
  } catch (error) {
    socket.destroy();
    signal.throwIfAborted();
    throw unreachable(error);
  }
}

async function ready(socket: Socket, event: 'connect' | 'secureConnect', ms: number, signal: AbortSignal): Promise<void> {
  const clock = new AbortController();
  const timer = setTimeout(() => clock.abort(), ms);
  try {
    await once(socket, event, { signal: AbortSignal.any([signal, clock.signal]) });
  } catch (error) {
    // A destroyed socket may still report why; nobody waits for that any more.
    socket.on('error', () => undefined);
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
