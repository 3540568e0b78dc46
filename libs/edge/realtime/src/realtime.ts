import type { Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import { Server, type Socket } from 'socket.io';
import type { Hosts } from '@millrace/access';
import { type Connection, sever, Unsent } from './connection';
import { type NewcomerLimits, Newcomers } from './newcomers';
import { type DeskParts, SocketDesk } from './socket-desk';

/** Bytes of one message of a client: a channel and a key. */
const MOST_BYTES = 16 * 1024;

export interface RealtimeLimits {
  /** Sockets at once. */
  readonly sockets: number;
  /** Messages that may wait for a client that reads slowly; then its connection is closed. */
  readonly unsent: number;
  /** So many bytes may wait when one more message comes. */
  readonly unsentBytes: number;
  /** Those of all that have shown no key. */
  readonly newcomers: NewcomerLimits;
  /** How often it is looked whether keys were revoked, ms. */
  readonly recheckEveryMs: number;
}

const LIMITS: RealtimeLimits = {
  sockets: 10_000,
  unsent: 2_000,
  unsentBytes: 8 * 1024 ** 2,
  newcomers: { inAll: 1_000, perAddress: 50, withinMs: 60_000 },
  recheckEveryMs: 60_000,
};

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
    allowRequest: (_, answer) => (this.size < this.limits.sockets || this.#newcomers.makeRoom() ? answer(null, true) : answer('too many connections', false)),
  });
  readonly #engines = new Set<{ readonly clientsCount: number; close(): unknown }>();
  readonly #newcomers: Newcomers<Connection>;
  /** One for each connection, however often it speaks up anew. */
  readonly #unsent = new WeakMap<Connection, Unsent>();
  readonly #desks = new Set<SocketDesk>();
  readonly #recheck: NodeJS.Timeout;

  constructor(
    private readonly parts: DeskParts,
    private readonly hosts: Pick<Hosts, 'of' | 'addressOf'>,
    private readonly onClose: () => void,
    private readonly limits: RealtimeLimits = LIMITS,
  ) {
    this.#newcomers = new Newcomers(limits.newcomers, sever);
    this.#io.on('connection', (socket) => this.#welcome(socket));
    this.#recheck = setInterval(() => void this.#recheckAll(), limits.recheckEveryMs).unref();
  }

  /** Connections, whether they joined a channel or not. */
  get size(): number {
    return [...this.#engines].reduce((sum, { clientsCount }) => sum + clientsCount, 0);
  }

  /** Serves clients that connect by this server; it may be one of several. */
  attach(server: HttpServer | HttpsServer): void {
    this.#io.attach(server);
    this.#engines.add(this.#io.engine);
    // Before a client speaks socket.io it has its place already.
    this.#io.engine.on('connection', (connection: Connection) => {
      this.#unsent.set(connection, new Unsent(connection));
      this.#newcomers.admit(connection, this.hosts.addressOf(connection.request));
      connection.once('close', () => undefined);
    });
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
    const { conn: connection } = socket;
    const unsent = this.#unsent.get(connection)!;
    const listener = {
      links: this.hosts.of(socket.request).links,
      tell: (event: string, channel: string, data: object) => {
        if (unsent.messages < this.limits.unsent && unsent.bytes < this.limits.unsentBytes) socket.emit(event, channel, data);
        else sever(connection);
      },
    };
    const desk = new SocketDesk(this.parts, listener, () => this.#newcomers.release(connection));
    this.#desks.add(desk);
    socket.on('subscribe', (payload: unknown) => desk.subscribe(payload));
    socket.on('error', (error) => log.debug({ err: error }, 'A socket failed'));
    socket.on('disconnect', () => {
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
