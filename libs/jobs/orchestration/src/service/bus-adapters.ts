import { EVENT_HEADERS, type Fact, type Invitation, type Lane, laneDurable, SUBJECTS } from '@millrace/contracts';
import { type EventBus, laneConsumer, WrongLastSequence } from '@millrace/event-bus';
import type { FactBus, FactHeaders, InvitationBus } from '../ports';

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
    const { traceparent } = invitation;
    await this.bus.publishToStream(SUBJECTS.work(lane), invitation, { stream: 'WORK', ...(traceparent && { headers: { traceparent } }) });
  }
}

/** Facts on EVENTS. */
export class JetStreamFacts implements FactBus {
  constructor(private readonly bus: EventBus) {}

  async publish(subject: string, fact: Fact, headers: Partial<FactHeaders>, lastSequence: number): Promise<{ sequence: number } | false> {
    try {
      const { seq } = await this.bus.publishToStream(subject, fact, { stream: 'EVENTS', headers: headers as Record<string, string>, expectLastSequence: lastSequence });
      return { sequence: seq };
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
