import { faultPoint } from '@millrace/config';
import { systemClock } from '@millrace/config';
import { EVENT_HEADERS, type Fact, SUBJECTS } from '@millrace/contracts';
import type { LeaderToken } from '@millrace/job-store';
import type { Clock, FactBus, LoggedEvent, OrderedLog, RelayMark, RelayMarks } from './ports';

const BATCH = 500;
/** A round publishes for so long at most, ms: the lease is renewed between rounds and outlasts one. */
const ROUND_MS = 2_000;

/** Publishes the log to EVENTS, in order, as thin facts. One leads; each publish names the sequence it expects to follow. */
export class Relay {
  private mark: RelayMark | undefined;

  constructor(
    private readonly log: OrderedLog,
    private readonly bus: FactBus,
    private readonly marks: RelayMarks,
    private readonly newEpoch: () => string,
    private readonly clock: Pick<Clock, 'now'> = systemClock,
  ) {}

  /** Forgets what it knows of the stream: the lead was just taken, or the bus was away. */
  disturbed(): void {
    this.mark = undefined;
  }

  /** Publishes what is new. Answers the number of facts, or `busy` when the log asks for a pause. */
  async tick(leader: LeaderToken): Promise<number | 'busy'> {
    const startedAt = this.clock.now();
    let mark = this.mark ?? (await this.resume(leader));
    const page = await this.log.read(mark.position, BATCH);
    if (page === 'busy') return page;
    let told = 0;
    for (const event of page.events) {
      // One that stood still may have lost the lead, and the stream may be another one that ends at the same sequence:
      // then the expected sequence alone would not keep it from telling an epoch's facts again.
      if (this.clock.now() - startedAt > ROUND_MS) {
        this.disturbed();
        return told;
      }
      const next = await this.tell(event, mark);
      if (!next) {
        // Somebody else wrote, or the stream is another one: look at its end before going on.
        this.disturbed();
        return told;
      }
      told += next.lastSequence - mark.lastSequence;
      mark = next;
      this.mark = next;
    }
    if (page.position > (this.mark ?? mark).position) mark = { ...mark, position: page.position };
    if (told > 0) faultPoint('relay-published');
    if (mark !== this.mark || page.events.length > 0) await this.marks.write(mark, leader);
    this.mark = mark;
    return told;
  }

  private async tell(event: LoggedEvent, mark: RelayMark): Promise<RelayMark | undefined> {
    const fact = factOf(event);
    if (!fact) return { ...mark, position: event.position };
    const traceparent = event.meta['traceparent'];
    const sent = await this.bus.publish(
      SUBJECTS.event(fact.type, fact.account, fact.job),
      fact,
      {
        [EVENT_HEADERS.position]: String(event.position),
        [EVENT_HEADERS.epoch]: mark.epoch,
        ...(typeof traceparent === 'string' && { [EVENT_HEADERS.traceparent]: traceparent }),
      },
      mark.lastSequence,
    );
    return sent ? { ...mark, position: event.position, lastSequence: sent.sequence } : undefined;
  }

  /** Goes on after the last message of the same stream and epoch; any other end is a new epoch. */
  private async resume(leader: LeaderToken): Promise<RelayMark> {
    const [stored, tail] = [await this.marks.read(), await this.bus.tail()];
    const epoch = tail.headers?.[EVENT_HEADERS.epoch];
    const position = Number(tail.headers?.[EVENT_HEADERS.position]);
    const same = stored && stored.streamCreatedAt === tail.createdAt && tail.lastSequence >= stored.lastSequence;
    if (same && tail.lastSequence === stored.lastSequence) return (this.mark = stored);
    const mark: RelayMark =
      same && epoch === stored.epoch && Number.isSafeInteger(position)
        ? { ...stored, position: Math.max(position, stored.position), lastSequence: tail.lastSequence }
        : { position: stored?.position ?? 0, lastSequence: tail.lastSequence, streamCreatedAt: tail.createdAt, epoch: this.newEpoch() };
    await this.marks.write(mark, leader);
    return (this.mark = mark);
  }
}

const JOB_EVENTS = new Set(['JobCreated', 'JobFinished', 'JobFailed', 'JobDeleted', 'FilesExpired']);

/** The fact that an event is told as, or undefined: the job of a standalone task is not shown to anybody. */
export function factOf(event: LoggedEvent): Fact | undefined {
  if (event.meta['kind'] === 'task' && JOB_EVENTS.has(event.type)) return undefined;
  const { task } = event.data as { task?: string };
  return {
    position: event.position,
    id: event.eventId,
    type: event.type,
    account: Number(event.meta['account']),
    job: event.stream,
    ...(task && { task }),
    version: event.version,
    at: event.at.toISOString(),
  };
}
