import { joined, runWithTrace, type Logger } from '@millrace/telemetry';
import type { BusMessage } from './bus-message';
import type { Connection } from './connection';
import { publishDeadLetter } from './dead-letter';
import { outageWaiter } from './outage';
import { pullOnce } from './pull';
import { retryDelayMs, settlementOf } from './settlement';

export interface ConsumeOptions {
  /** Messages handled at once by this process. */
  readonly concurrency: number;
  /** Ends the loop: no more is pulled, what is being handled is finished. */
  readonly signal: AbortSignal;
  /** Copy what cannot be handled to `dlq.<durable>`. Default: true; without it such a message is dropped with an error line. */
  readonly deadLetter?: boolean;
  /** Deliveries after which a retryable failure counts as final. Default: never. */
  readonly maxDeliver?: number;
  /** How often a running handler tells the server so; below the consumer's `ack_wait`. Default: 3 s. */
  readonly workingEveryMs?: number;
  /** After this long a handler counts as hung and its message may go to another reader. Default: 5 min. */
  readonly maxHandlingMs?: number;
}

export type MessageHandler = (message: BusMessage) => Promise<unknown>;

const PULL_EXPIRES_MS = 10_000;
const MAX_BATCH = 256;

interface Loop {
  readonly connection: Connection;
  readonly stream: string;
  readonly durable: string;
  readonly handler: MessageHandler;
  readonly options: ConsumeOptions;
  readonly log: Logger;
}

/** Runs `handler` under the message's trace, and keeps the delivery alive meanwhile. */
async function handle({ handler, options }: Loop, message: BusMessage): Promise<void> {
  const startedAt = performance.now();
  const timer = setInterval(() => {
    if (performance.now() - startedAt < (options.maxHandlingMs ?? 300_000)) message.working();
    else clearInterval(timer);
  }, options.workingEveryMs ?? 3_000);
  try {
    await runWithTrace(joined(message.headers['traceparent']), () => handler(message));
  } finally {
    clearInterval(timer);
  }
}

async function settle(loop: Loop, message: BusMessage): Promise<void> {
  const { connection, stream, durable, options, log } = loop;
  const about = { stream, durable, subject: message.subject, seq: message.seq, delivery: message.deliveryCount };
  try {
    // Reading it here makes a body that is not JSON a failure of this message, whether or not the handler looks.
    void message.payload;
    await handle(loop, message);
  } catch (error) {
    const settlement = settlementOf(error, message.deliveryCount, options.maxDeliver);
    if (settlement.kind === 'nak') {
      log.warn({ ...about, err: settlement.failure, delay_ms: settlement.delayMs }, 'A message failed and will come again');
      message.nak(settlement.delayMs);
    } else if (settlement.kind === 'dead') {
      log.error({ ...about, err: settlement.failure }, 'A message cannot be handled');
      message.working();
      if (options.deadLetter ?? true) await publishDeadLetter(connection.live(), durable, message, settlement.failure);
      message.term();
    }
    return;
  }
  await message.ack();
}

async function settleOrLeave(loop: Loop, message: BusMessage): Promise<void> {
  try {
    await settle(loop, message);
  } catch (error) {
    // The bus failed while settling. The message comes again; handlers are idempotent.
    loop.log.warn({ err: error, stream: loop.stream, durable: loop.durable, seq: message.seq }, 'A message could not be settled and will come again');
    message.nak(retryDelayMs(message.deliveryCount));
  }
}

/**
 * Handles the messages of a durable until `signal` aborts. Survives lost connections, silent servers, and a consumer or stream that is gone: it waits,
 * with one log line, until its owner has made it again. Resolves when the last handler ended.
 */
export async function consume(loop: Loop): Promise<void> {
  const { connection, stream, durable, options, log } = loop;
  const signal = AbortSignal.any([options.signal, connection.closing]);
  const running = new Set<Promise<void>>();
  const waitOut = outageWaiter(connection, log);
  while (!signal.aborted) {
    const free = options.concurrency - running.size;
    if (free <= 0) {
      await Promise.race(running);
      continue;
    }
    const pulled = await pullOnce(connection, stream, durable, { batch: Math.min(free, MAX_BATCH), expiresMs: PULL_EXPIRES_MS, signal });
    for (const message of pulled.messages) {
      const run = settleOrLeave(loop, message).finally(() => running.delete(run));
      running.add(run);
    }
    await waitOut(pulled.end, stream, durable, signal);
  }
  await Promise.all(running);
}
