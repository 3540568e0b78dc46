/** The part of a socket.io client that its generations have in common. */
interface ClientSocket {
  readonly connected: boolean;
  on(event: string, listener: (...args: never[]) => void): unknown;
  emit(event: string, ...args: unknown[]): unknown;
  close(): unknown;
}

type Connect = (url: string, options: { transports: string[]; forceNew: boolean; reconnection?: boolean }) => ClientSocket;

/** An event that came. */
export interface Told {
  readonly event: string;
  readonly channel: string;
  /** Any: a job or a task as the API shows it, under its name. */
  readonly data: any;
}

/** 4 speaks Engine.IO 4; 2 speaks Engine.IO 3, as SDKs before 2.3.1 do. */
export type SocketGeneration = 4 | 2;

const EVENTS = ['job', 'task'].flatMap((of) => ['created', 'updated', 'finished', 'failed'].map((what) => `${of}.${what}`));
const PATIENCE_MS = 30_000;

// The two generations have types that cannot stand side by side.
const connectOf = (generation: SocketGeneration): Connect => (generation === 4 ? (require('socket.io-client') as { io: Connect }).io : (require('socket.io-client-2') as Connect));

/** A socket as the SDKs open it, and everything that it is told. */
export class SocketClient {
  readonly told: Told[] = [];
  readonly #waiting = new Set<() => void>();

  private constructor(readonly socket: ClientSocket) {
    for (const event of EVENTS) {
      socket.on(event, (channel: string, data: unknown) => {
        this.told.push({ event, channel, data });
        this.#changed();
      });
    }
    for (const event of ['connect', 'disconnect']) socket.on(event, () => this.#changed());
  }

  /** `reconnection` is on, as the SDKs have it, unless it is switched off. */
  static open(url: string, { generation = 4, reconnection = true }: { generation?: SocketGeneration; reconnection?: boolean } = {}): SocketClient {
    return new SocketClient(connectOf(generation)(url, { transports: ['websocket'], forceNew: true, reconnection }));
  }

  subscribe(channel: string, key: string): void {
    this.socket.emit('subscribe', { channel, auth: { headers: { Authorization: `Bearer ${key}` } } });
  }

  /** Names of the events that came in a channel, in their order. */
  eventsOf(channel: string): string[] {
    return this.told.filter((told) => told.channel === channel).map(({ event }) => event);
  }

  /** The first event with this name, in this channel if one is given; waits for it. @throws Error with all that came, after half a minute. */
  async event(name: string, channel?: string): Promise<Told> {
    const find = (): Told | undefined => this.told.find((told) => told.event === name && (channel === undefined || told.channel === channel));
    await this.until(() => find() !== undefined, `${name} in ${channel ?? 'any channel'}`);
    return find()!;
  }

  async connected(is = true): Promise<void> {
    await this.until(() => this.socket.connected === is, is ? 'a connection' : 'its end');
  }

  close(): void {
    this.socket.close();
  }

  private async until(condition: () => boolean, what: string): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`${what} did not come; there was ${JSON.stringify(this.told.map(({ event, channel }) => `${event} ${channel}`))}`));
      }, PATIENCE_MS);
      const look = (): void => {
        if (!condition()) return;
        clearTimeout(late);
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
    });
  }

  #changed(): void {
    for (const look of [...this.#waiting]) look();
  }
}
