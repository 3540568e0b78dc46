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
import type { BusMessage, EventBus } from '@millrace/event-bus';
import type { Pulled, WorkBus } from '../ports';

/** A request not answered within this is repeated by its sender, ms. */
const ANSWER_MS = 1_000;

/** The worker's side of the bus over NATS. */
export class JetStreamWorkBus implements WorkBus {
  constructor(private readonly bus: EventBus) {}

  get connected(): boolean {
    return this.bus.connected;
  }

  async pull(lane: Lane, batch: number, expiresMs: number, signal: AbortSignal): Promise<Pulled[]> {
    const messages = await this.bus.pull('WORK', laneDurable(lane), { batch, expiresMs, signal });
    return messages.flatMap((message) => pulled(message) ?? []);
  }

  async claim(engine: string, request: ClaimRequest): Promise<ClaimAnswer> {
    return claimAnswer.parse(await this.bus.request(SUBJECTS.claim(engine), request, { timeoutMs: ANSWER_MS }));
  }

  async beat(request: BeatRequest): Promise<BeatAnswer> {
    return beatAnswer.parse(await this.bus.request(SUBJECTS.beat, request, { timeoutMs: ANSWER_MS }));
  }

  async report(request: ReportRequest): Promise<ReportAnswer> {
    return reportAnswer.parse(await this.bus.request(SUBJECTS.report, request, { timeoutMs: ANSWER_MS }));
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
