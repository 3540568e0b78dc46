import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';

const STREAM = 'EVENTS';
const PAGE = 500;
const BATCH = 100;
const EXPIRES_MS = 5_000;

/**
 * Reads the facts of one subject filter, each at least once and in the order of the log, and calls `handle(fact)` for each.
 * The place is moved after `handle`, so that a fact that was being handled in a crash comes again: `handle` has to bear that (`fact.id` is the same).
 */
export class EventReader {
  constructor(connection, { durable, filter, place, handle, tell }) {
    Object.assign(this, { connection, durable, filter, place, handle, tell });
  }

  /** Makes the durable consumer where there is none, and hands on what comes until the signal, the end of the connection or of the stream. */
  async read(signal) {
    const options = { checkAPI: false };
    const manager = await jetstreamManager(this.connection, options);
    await manager.consumers.add(STREAM, {
      durable_name: this.durable,
      filter_subject: this.filter,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ack_wait: nanos(30_000),
      max_ack_pending: BATCH,
    });
    // What was told while nobody listened may be gone from the stream by now; the log has it.
    await this.catchUp(this.place.epoch);
    while (!signal.aborted) {
      const messages = await this.pull();
      for (const message of messages) await this.take(message);
    }
  }

  /** Up to BATCH messages, on an inbox of their own; none when the time is over. */
  async pull() {
    const consumer = await jetstream(this.connection, { checkAPI: false }).consumers.get(STREAM, this.durable);
    const messages = [];
    for await (const message of await consumer.fetch({ max_messages: BATCH, expires: EXPIRES_MS })) messages.push(message);
    return messages;
  }

  async take(message) {
    const fact = message.json();
    const epoch = message.headers.get('Millrace-Epoch');
    // Another epoch: the stream is a new one, or its end was lost, so there may be a hole before this fact.
    if (epoch !== this.place.epoch) await this.catchUp(epoch);
    await this.accept(fact, epoch);
    message.ack();
  }

  /** Reads the log from the place to its end. */
  async catchUp(epoch) {
    for (;;) {
      const after = this.place.position;
      const page = await this.logRead(after);
      for (const fact of page.facts) await this.accept(fact, epoch);
      if (page.position <= after) return;
      // Past what is told to nobody.
      if (page.position > this.place.position) this.place.move(page.position, epoch);
    }
  }

  /** Hands a fact on, unless it was handed on before. */
  async accept(fact, epoch) {
    if (fact.position > this.place.position) {
      if (matches(this.filter, fact)) await this.handle(fact);
      this.place.move(fact.position, epoch);
    } else if (epoch !== this.place.epoch) {
      this.place.move(this.place.position, epoch);
    }
  }

  /** One page of the log after a position. Asks again while nobody answers or the log is busy. */
  async logRead(after) {
    for (;;) {
      const envelope = await this.connection
        .request('log.read', JSON.stringify({ after, limit: PAGE }), { timeout: 5_000 })
        .then((answer) => answer.json(), (error) => ({ ok: false, failure: { code: 'SERVICE_UNAVAILABLE', message: error.message } }));
      if (envelope.ok) return envelope.data;
      if (envelope.failure.code !== 'SERVICE_UNAVAILABLE' || this.connection.isClosed()) throw new Error(`log.read: ${envelope.failure.message}`);
      this.tell(`log.read: ${envelope.failure.message}; asking again`);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

/** Whether the subject of a fact fits a filter with `*` and a closing `>`; the log knows no filter. */
export function matches(filter, { type, account, job }) {
  const [wanted, subject] = [filter.split('.'), ['events', type, String(account), job]];
  const open = wanted[wanted.length - 1] === '>';
  const fixed = open ? wanted.slice(0, -1) : wanted;
  return (open ? subject.length > fixed.length : subject.length === fixed.length) && fixed.every((token, index) => token === '*' || token === subject[index]);
}
