/** Connections that may be open without having shown a key. */
export interface NewcomerLimits {
  readonly inAll: number;
  readonly perAddress: number;
  /** One that has shown none by then is ended, ms. */
  readonly withinMs: number;
}

interface Newcomer {
  readonly address: string;
  readonly late: NodeJS.Timeout;
}

/** The connections that have shown no key. When they are too many, the oldest make room: whoever has a key shows it at once. */
export class Newcomers<Connection> {
  /** The oldest first. */
  readonly #all = new Map<Connection, Newcomer>();
  readonly #byAddress = new Map<string, Set<Connection>>();

  /** @param end ends a connection; it has left the newcomers by then. */
  constructor(
    private readonly limits: NewcomerLimits,
    private readonly end: (connection: Connection) => void,
  ) {}

  get size(): number {
    return this.#all.size;
  }

  /** Takes a connection in; others may end for it, of the same address first. */
  admit(connection: Connection, address: string): void {
    const neighbours = this.#byAddress.get(address);
    if (neighbours && neighbours.size >= this.limits.perAddress) this.#oust(neighbours.values().next().value!);
    if (this.#all.size >= this.limits.inAll) this.makeRoom();
    this.#all.set(connection, { address, late: setTimeout(() => this.#oust(connection), this.limits.withinMs).unref() });
    this.#byAddress.set(address, (this.#byAddress.get(address) ?? new Set()).add(connection));
  }

  /** It has shown a key, or it is gone. */
  release(connection: Connection): void {
    const newcomer = this.#all.get(connection);
    if (!newcomer) return;
    clearTimeout(newcomer.late);
    this.#all.delete(connection);
    const neighbours = this.#byAddress.get(newcomer.address)!;
    neighbours.delete(connection);
    if (neighbours.size === 0) this.#byAddress.delete(newcomer.address);
  }

  /** Ends the oldest. False when there is none. */
  makeRoom(): boolean {
    const oldest = this.#all.keys().next();
    if (oldest.done) return false;
    this.#oust(oldest.value);
    return true;
  }

  #oust(connection: Connection): void {
    this.release(connection);
    this.end(connection);
  }
}
