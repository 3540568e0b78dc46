import { EVENT_HEADERS, type Fact, type Invitation, type Lane, laneDurable, SUBJECTS } from '@millrace/contracts';
import { type EventBus, laneConsumer, WrongLastSequence } from '@millrace/event-bus';
import { inSpan, type Span, type SpanAttributes } from '@millrace/telemetry';
import type { FactBus, FactHeaders, InvitationBus } from '../ports';

const messaging = (stream: string): SpanAttributes => ({ 'messaging.system': 'nats', 'messaging.destination.name': stream, 'messaging.operation.type': 'send' });

const KNOWN_HEADERS = Object.values(EVENT_HEADERS);

/** Invitations on WORK. Remembers the consumers it made until something looks wrong. */
export class JetStreamInvitations implements InvitationBus {
  private readonly made = new Set<string>();

  constructor(private readonly bus: EventBus) {}

  get connected(): boolean {
    return this.bus.connected;
  }

  /** The streams may be other ones: makes every consumer again. */
  forget(): void {
    this.made.clear();
  }

  async ensureLane(lane: Lane): Promise<void> {
    const durable = laneDurable(lane);
    if (this.made.has(durable)) return;
    await this.bus.ensureConsumer('WORK', laneConsumer(lane));
    this.made.add(durable);
  }

  async depth(lane: Lane): Promise<{ pending: number; ackPending: number } | undefined> {
    const depth = await this.bus.consumerDepth('WORK', laneDurable(lane));
    if (!depth) this.made.delete(laneDurable(lane));
    return depth;
  }

  async invite(lane: Lane, invitation: Invitation): Promise<void> {
    const { traceparent, stream, task, engine, step, attempt } = invitation;
    const attributes = { ...messaging('WORK'), 'millrace.job.id': stream, 'millrace.task.id': task, 'millrace.step': step, 'millrace.attempt': attempt, 'millrace.engine.name': engine };
    await inSpan('dispatch.invite', { kind: 'producer', parent: traceparent, attributes }, async (span) => {
      const headers = traceparent ? { traceparent: span.trace.traceparent } : undefined;
      await this.bus.publishToStream(SUBJECTS.work(lane), { ...invitation, ...headers }, { stream: 'WORK', ...(headers && { headers }) });
    });
  }
}

/** Facts on EVENTS. */
export class JetStreamFacts implements FactBus {
  constructor(private readonly bus: EventBus) {}

  async publish(subject: string, fact: Fact, headers: Partial<FactHeaders>, lastSequence: number): Promise<{ sequence: number } | false> {
    try {
      const { traceparent } = headers;
      const attributes = { ...messaging('EVENTS'), 'millrace.job.id': fact.job, 'millrace.event.type': fact.type };
      return await inSpan('relay.publish', { kind: 'producer', parent: traceparent, attributes }, async ({ trace }: Span) => {
        const told = { ...headers, ...(traceparent && { traceparent: trace.traceparent }) };
        const { seq } = await this.bus.publishToStream(subject, fact, { stream: 'EVENTS', headers: told as Record<string, string>, expectLastSequence: lastSequence });
        return { sequence: seq };
      });
    } catch (error) {
      if (error instanceof WrongLastSequence) return false;
      throw error;
    }
  }

  async tail(): Promise<{ createdAt: string; lastSequence: number; headers: Partial<FactHeaders> | undefined }> {
    const { createdAt, lastSeq } = await this.bus.streamInfo('EVENTS');
    const last = lastSeq > 0 ? await this.bus.lastMessage('EVENTS') : undefined;
    const headers = last && Object.fromEntries(KNOWN_HEADERS.flatMap((name) => (last.headers[name] === undefined ? [] : [[name, last.headers[name]]])));
    return { createdAt, lastSequence: lastSeq, headers };
  }
}
