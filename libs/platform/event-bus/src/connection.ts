import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from '@millrace/failures';
import type { Logger } from '@millrace/telemetry';
import { connect, createInbox, type Msg, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import { subjectMatches } from './subject-match';

export interface ConnectOptions {
  /** One address, or several of a cluster separated by commas: `nats://127.0.0.1:4222`. */
  readonly url: string;
  readonly user?: string;
  readonly password?: string;
  /** Shown by the server next to the connection. */
  readonly name: string;
  /** The user's own inbox prefix, see `inboxPrefix`; without one NATS's own `_INBOX`. */
  readonly inboxPrefix?: string;
  readonly log: Logger;
}

/** Client pings: a frozen server is noticed after 4 to 6 s, as the server's own `ping_interval` and `ping_max` do for us. */
const PING_INTERVAL_MS = 2_000;
const PINGS_OUT = 2;
/** A frozen server accepts TCP and says nothing; the client's default of 20 s would hide its return. */
const HANDSHAKE_MS = 3_000;
const RECONNECT_MS = 250;
const RECONNECT_JITTER_MS = 500;
/** How long a clean close may take before the socket is cut: the server may be frozen. */
const DRAIN_MS = 3_000;

interface Registration {
  readonly subject: string;
  readonly queue: string | undefined;
  readonly onMessage: (message: Msg) => void;
  subscription: Subscription | undefined;
}

/** The connection to NATS that never gives up: it dials until it is answered, and puts every subscription back in place. */
export class Connection {
  #current: NatsConnection | undefined;
  #connected = false;
  readonly #closing = new AbortController();
  readonly #listeners = new Set<(connected: boolean) => void>();
  readonly #registrations = new Set<Registration>();
  #dialling: Promise<void>;

  constructor(private readonly options: ConnectOptions) {
    this.#dialling = this.#dial();
  }

  get connected(): boolean {
    return this.#connected;
  }

  /** Aborted when `close` is called. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /**
   * The live connection.
   * @throws Failure SERVICE_UNAVAILABLE while there is none: the client would keep what is sent and deliver it, stale, on its return.
   */
  live(): NatsConnection {
    if (this.#current === undefined || !this.#connected) throw new Failure('SERVICE_UNAVAILABLE', 'The message bus is not connected');
    return this.#current;
  }

  /** A subject for one answer, under this user's own prefix. */
  newInbox(): string {
    return createInbox(this.options.inboxPrefix);
  }

  /** Calls `listener` at every change from now on; the answer ends it. */
  onStatus(listener: (connected: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Resolves when connected, or when `signal` aborts or the connection closes, whichever is first. */
  async whenConnected(signal?: AbortSignal): Promise<void> {
    if (this.#connected) return;
    const ends = [this.closing, ...(signal === undefined ? [] : [signal])];
    if (ends.some((end) => end.aborted)) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#listeners.delete(onChange);
        ends.forEach((end) => end.removeEventListener('abort', done));
        resolve();
      };
      const onChange = (connected: boolean): void => {
        if (connected) done();
      };
      this.#listeners.add(onChange);
      ends.forEach((end) => end.addEventListener('abort', done));
    });
  }

  /** Listens on `subject` from now, or from the first connection, until the answer is called. */
  register(subject: string, queue: string | undefined, onMessage: (message: Msg) => void): () => void {
    const registration: Registration = { subject, queue, onMessage, subscription: undefined };
    this.#registrations.add(registration);
    if (this.#current !== undefined) this.#attach(this.#current, registration);
    return () => {
      this.#registrations.delete(registration);
      registration.subscription?.unsubscribe();
    };
  }

  /** Ends pulls and dialling; what is running may still send. */
  stopTaking(): void {
    this.#closing.abort();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#dialling;
    const connection = this.#current;
    if (connection === undefined || connection.isClosed()) return;
    if (this.#connected) {
      const timer = new AbortController();
      const drained = connection.drain().catch((error: unknown) => this.options.log.warn({ err: error }, 'The bus did not drain'));
      await Promise.race([drained, pause(DRAIN_MS, undefined, { signal: timer.signal }).catch(() => undefined)]);
      timer.abort();
    }
    await connection.close();
  }

  #attach(connection: NatsConnection, registration: Registration): void {
    registration.subscription = connection.subscribe(registration.subject, {
      queue: registration.queue,
      callback: (error, message) => {
        const { subject, onMessage } = registration;
        // Whoever may create a consumer may name any subject of ours as its deliver_subject, and JetStream delivers there with the server's rights.
        // Such a delivery keeps the subject it has in its stream.
        if (error) this.options.log.error({ err: error, subject }, 'A subscription was refused');
        else if (subjectMatches(subject, message.subject)) onMessage(message);
        else this.options.log.warn({ subject, delivered: message.subject }, 'A delivery of a stream to this subject was ignored');
      },
    });
  }

  async #dial(): Promise<void> {
    const { url, user, password, name, inboxPrefix, log } = this.options;
    while (!this.closing.aborted) {
      try {
        const connection = await connect({
          servers: url.split(','),
          user,
          pass: password,
          name,
          inboxPrefix,
          timeout: HANDSHAKE_MS,
          pingInterval: PING_INTERVAL_MS,
          maxPingOut: PINGS_OUT,
          maxReconnectAttempts: -1,
          reconnectTimeWait: RECONNECT_MS,
          reconnectJitter: RECONNECT_JITTER_MS,
          reconnectJitterTLS: RECONNECT_JITTER_MS,
          // The client gives up after two refusals of its password; ours may be a server that starts with an older configuration.
          ignoreAuthErrorAbort: true,
          noAsyncTraces: true,
        });
        this.#adopt(connection);
        return;
      } catch (error) {
        log.warn({ err: error }, 'NATS does not answer; dialling again');
        await pause(RECONNECT_MS + Math.random() * RECONNECT_JITTER_MS, undefined, { signal: this.closing }).catch(() => undefined);
      }
    }
  }

  #adopt(connection: NatsConnection): void {
    this.#current = connection;
    for (const registration of this.#registrations) this.#attach(connection, registration);
    this.#setConnected(true);
    void this.#watch(connection);
    void connection.closed().then((error) => {
      this.#setConnected(false);
      if (this.closing.aborted) return;
      this.options.log.error({ err: error }, 'The NATS client gave up; dialling anew');
      this.#dialling = this.#dial();
    });
  }

  async #watch(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') this.#setConnected(false);
      else if (status.type === 'reconnect') this.#setConnected(true);
      else if (status.type === 'error') this.options.log.warn({ err: status.error }, 'NATS refused something');
    }
  }

  #setConnected(connected: boolean): void {
    if (this.#connected === connected) return;
    this.#connected = connected;
    this.options.log[connected ? 'info' : 'warn'](connected ? 'Connected to NATS' : 'Lost NATS');
    for (const listener of [...this.#listeners]) {
      try {
        listener(connected);
      } catch (error) {
        this.options.log.error({ err: error }, 'A listener to the bus status failed');
      }
    }
  }
}
