import { nanos, type Msg } from '@nats-io/transport-node';
import { BusMessage } from './bus-message';
import type { Connection } from './connection';
import { consumerDepth } from './stream-access';

export interface PullOptions {
  /** Most messages to take. */
  readonly batch: number;
  /** How long to wait for the first. */
  readonly expiresMs: number;
  readonly signal?: AbortSignal;
}

/**
 * Why a pull ended: in good order (`done`, with or without messages), without an answer, refused at once (too many wait), because the consumer or JetStream
 * is not there, because the connection went, or because the caller gave up.
 */
export type PullEnd = 'done' | 'silent' | 'refused' | 'missing' | 'disconnected' | 'aborted';

export interface Pulled {
  readonly messages: BusMessage[];
  readonly end: PullEnd;
}

/** The server ends a pull itself at `expires`; when it says nothing for this long after, it is frozen, or the consumer is gone. */
const GRACE_MS = 2_000;
/** On longer pulls the server sends heartbeats: nats-server 2.9 answers a pull from a consumer that does not exist with silence. */
const HEARTBEAT_MS = 2_000;
const HEARTBEATS_MISSED_MS = 2.5 * HEARTBEAT_MS;

function endOf(code: number, description: string): PullEnd {
  // 503: nobody listens on the consumer's subject.
  if (code === 503 || (code === 409 && /deleted|push based/i.test(description))) return 'missing';
  return code === 404 || /request timeout/i.test(description) ? 'done' : 'refused';
}

/**
 * One pull request: takes what is there at once, else waits for the first message (`no_wait` together with `expires` is the server's word for it).
 * Its subscription ends with it. The client's own `fetch` first asks for the consumer's info and holds a status iterator each time.
 */
export async function pullOnce(connection: Connection, stream: string, durable: string, options: PullOptions): Promise<Pulled> {
  const pulled = await ask(connection, stream, durable, options);
  if (pulled.end !== 'silent' || !connection.connected) return pulled;
  // Still silent when it does not answer this either.
  const depth = await consumerDepth(connection.live(), stream, durable).catch(() => null);
  return depth === undefined ? { ...pulled, end: 'missing' } : pulled;
}

function ask(connection: Connection, stream: string, durable: string, { batch, expiresMs, signal }: PullOptions): Promise<Pulled> {
  if (signal?.aborted || connection.closing.aborted) return Promise.resolve({ messages: [], end: 'aborted' });
  if (!connection.connected) return Promise.resolve({ messages: [], end: 'disconnected' });
  const live = connection.live();
  const inbox = connection.newInbox();
  const messages: BusMessage[] = [];
  return new Promise((resolve) => {
    const finish = (end: PullEnd): void => {
      clearTimeout(watchdog);
      offStatus();
      for (const one of [signal, connection.closing]) one?.removeEventListener('abort', onAbort);
      subscription.unsubscribe();
      resolve({ messages, end: messages.length > 0 ? 'done' : end });
    };
    const onAbort = (): void => finish('aborted');
    const onMessage = (error: Error | null, message: Msg): void => {
      if (error !== null) return finish('missing');
      watchdog.refresh();
      const code = message.headers?.code;
      // Status messages come on the inbox itself, deliveries carry their subject in the stream. 100 is a heartbeat.
      if (code !== undefined && code >= 400 && message.data.length === 0) return finish(endOf(code, message.headers!.description));
      if (!message.reply?.startsWith('$JS.ACK.')) return;
      messages.push(new BusMessage(message, live));
      if (messages.length >= batch) finish('done');
    };
    const subscription = live.subscribe(inbox, { callback: onMessage });
    const beats = expiresMs >= 2 * HEARTBEAT_MS;
    const watchdog = setTimeout(() => finish('silent'), beats ? HEARTBEATS_MISSED_MS : expiresMs + GRACE_MS);
    const offStatus = connection.onStatus((connected) => {
      if (!connected) finish('disconnected');
    });
    for (const one of [signal, connection.closing]) one?.addEventListener('abort', onAbort);
    const request = { batch, expires: nanos(expiresMs), no_wait: true, ...(beats ? { idle_heartbeat: nanos(HEARTBEAT_MS) } : {}) };
    live.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${durable}`, JSON.stringify(request), { reply: inbox });
  });
}
