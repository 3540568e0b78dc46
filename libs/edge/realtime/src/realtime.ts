import type { Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import { Server, type Socket } from 'socket.io';
import type { Hosts } from '@millrace/access';
import type { Logger } from '@millrace/telemetry';
import { type DeskParts, SocketDesk } from './socket-desk';

/** Bytes of one message of a client: a channel and a key. */
const MOST_BYTES = 16 * 1024;
const MOST_SOCKETS = 10_000;
/** Messages that may wait for a client that reads slowly; then its connection is closed. */
const MOST_UNSENT = 2_000;
/** A socket that has shown no key by then is closed, ms. */
const PROVE_WITHIN_MS = 60_000;
/** How often it is looked whether keys were revoked, ms. */
const RECHECK_EVERY_MS = 60_000;
/** An open connection is asked so often, and has so long to answer, ms. */
const PING = { pingInterval: 25_000, pingTimeout: 20_000 };

/** socket.io as the clients speak it: both versions of its protocol, over websocket only, so that any gateway serves any connection. */
export class Realtime {
  readonly #io = new Server({
    path: '/socket.io/',
    transports: ['websocket'],
    allowEIO3: true,
    serveClient: false,
    maxHttpBufferSize: MOST_BYTES,
    connectTimeout: 10_000,
    ...PING,
    allowRequest: (_, answer) => answer(this.#desks.size < MOST_SOCKETS ? null : 'too many connections', this.#desks.size < MOST_SOCKETS),
  });
  readonly #engines = new Set<{ close(): unknown }>();
  readonly #desks = new Set<SocketDesk>();
  readonly #recheck: NodeJS.Timeout;

  constructor(
    private readonly parts: DeskParts,
    private readonly hosts: Pick<Hosts, 'of'>,
    private readonly onClose: () => void,
  ) {
    this.#io.on('connection', (socket) => this.#welcome(socket));
    this.#recheck = setInterval(() => void this.#recheckAll(), RECHECK_EVERY_MS).unref();
  }

  /** Sockets that are connected; for tests and metrics. */
  get size(): number {
    return this.#desks.size;
  }

  /** Serves clients that connect by this server; it may be one of several. */
  attach(server: HttpServer | HttpsServer): void {
    this.#io.attach(server);
    this.#engines.add(this.#io.engine);
  }

  /** Closes every connection: an HTTP server that stops waits for them. */
  close(): void {
    clearInterval(this.#recheck);
    this.#io.disconnectSockets(true);
    for (const engine of this.#engines) engine.close();
    this.onClose();
  }

  #welcome(socket: Socket): void {
    const { log } = this.parts;
    const desk = new SocketDesk(this.parts, {
      links: this.hosts.of(socket.request).links,
      tell: (event, channel, data) => {
        if (writeBufferOf(socket) < MOST_UNSENT) socket.emit(event, channel, data);
        else socket.disconnect(true);
      },
    });
    this.#desks.add(desk);
    const unproven = setTimeout(() => desk.isProven || socket.disconnect(true), PROVE_WITHIN_MS).unref();
    socket.on('subscribe', (payload: unknown) => desk.subscribe(payload));
    socket.on('error', (error) => log.debug({ err: error }, 'A socket failed'));
    socket.on('disconnect', () => {
      clearTimeout(unproven);
      this.#desks.delete(desk);
      desk.close();
    });
  }

  async #recheckAll(): Promise<void> {
    for (const desk of this.#desks) {
      await desk.recheck().catch((error: unknown) => this.parts.log.warn({ err: error }, 'Whether keys were revoked could not be looked up'));
    }
  }
}

/** Messages that were not handed to the connection yet. */
const writeBufferOf = (socket: Socket): number => (socket.conn as unknown as { writeBuffer: readonly unknown[] }).writeBuffer.length;
