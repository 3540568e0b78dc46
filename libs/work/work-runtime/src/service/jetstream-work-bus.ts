import {
  beatAnswer,
  type BeatAnswer,
  type BeatRequest,
  claimAnswer,
  type ClaimAnswer,
  type ClaimRequest,
  invitation,
  type Lane,
  laneDurable,
  type PoolAnnouncement,
  reportAnswer,
  type ReportAnswer,
  type ReportRequest,
  SUBJECTS,
} from '@millrace/contracts';
import { systemClock } from '@millrace/config';
import type { BusMessage, EventBus } from '@millrace/event-bus';
import type { Pulled, WorkBus } from '../ports';

/** A request not answered within this is repeated, ms. */
const ANSWER_MS = 1_000;

/** Between two looks for a lane that has no consumer yet, ms. */
const LANE_MS = 250;

/** The worker's side of the bus over NATS. */
export class JetStreamWorkBus implements WorkBus {
  private readonly seen = new Set<string>();

  constructor(private readonly bus: EventBus) {
    bus.onStatus(() => this.seen.clear());
  }

  get connected(): boolean {
    return this.bus.connected;
  }

  async pull(lane: Lane, batch: number, expiresMs: number, signal: AbortSignal): Promise<Pulled[]> {
    const durable = laneDurable(lane);
    if (!(await this.exists(durable))) {
      await systemClock.sleep(LANE_MS, signal);
      return [];
    }
    const messages = await this.bus.pull('WORK', durable, { batch, expiresMs, signal });
    return messages.flatMap((message) => pulled(message) ?? []);
  }

  /** nats-server 2.9 answers a pull from a missing consumer with silence: seconds would pass until a new lane is served. */
  private async exists(durable: string): Promise<boolean> {
    if (this.seen.has(durable)) return true;
    if (!this.bus.connected || !(await this.bus.consumerDepth('WORK', durable))) return false;
    this.seen.add(durable);
    return true;
  }

  async claim(engine: string, request: ClaimRequest): Promise<ClaimAnswer> {
    return claimAnswer.parse(await this.ask(SUBJECTS.claim(engine), request));
  }

  async beat(request: BeatRequest): Promise<BeatAnswer> {
    return beatAnswer.parse(await this.ask(SUBJECTS.beat, request));
  }

  async report(request: ReportRequest): Promise<ReportAnswer> {
    return reportAnswer.parse(await this.ask(SUBJECTS.report, request));
  }

  /** Asks one orchestrator; when that one says nothing, all of them. Whoever answers first has answered. */
  private async ask(subject: string, request: unknown): Promise<unknown> {
    const asked = systemClock.now();
    try {
      return await this.bus.request(subject, request, { timeoutMs: ANSWER_MS });
    } catch (error) {
      // A refusal, or nobody there: neither gets better by asking all.
      if (!this.bus.connected || systemClock.now() - asked < ANSWER_MS) throw error;
      return this.bus.request(SUBJECTS.again(subject), request, { timeoutMs: ANSWER_MS });
    }
  }

  announce(pool: PoolAnnouncement): void {
    this.bus.publish(SUBJECTS.announce, pool);
  }

  onStop(run: string, stop: () => void): () => void {
    const subscription = this.bus.subscribe(SUBJECTS.stop(run), stop);
    return () => subscription.stop();
  }
}

/** An invitation that is none is dropped: the queue will send a right one. */
function pulled(message: BusMessage): Pulled | undefined {
  const parsed = invitation.safeParse(message.payload);
  if (!parsed.success) {
    message.term();
    return undefined;
  }
  return {
    invitation: parsed.data,
    ack: () => message.ack(),
    nak: async (delayMs) => message.nak(delayMs),
    working: async () => message.working(),
  };
}
