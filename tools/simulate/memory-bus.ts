import { type Fact, type Invitation, type Lane, laneDurable } from '@millrace/contracts';
import { Failure } from '@millrace/failures';
import type { FactHeaders } from '@millrace/orchestration';
import type { SimProcess } from './process';
import type { World } from './world';

/** How the bus is broken on purpose. */
export interface BusFaults {
  /** Invitations carry an id, and the server drops repeats of it for two minutes. */
  readonly dedupe?: boolean;
  /** The relay's expectation of the last sequence is ignored. */
  readonly noSequenceCheck?: boolean;
}

interface LaneQueue {
  pending: { invitation: Invitation; deliveries: number }[];
  waiting: { process: SimProcess; take: (message: InFlight) => void; done: boolean }[];
  inFlight: Set<InFlight>;
}

export interface InFlight {
  readonly invitation: Invitation;
  settled: boolean;
  /** Counts how often its time was extended. */
  extended: number;
}

const ACK_WAIT_MS = 10_000;
const DEDUPE_MS = 120_000;
const LATE = 0.03;
const LATE_MS = 40_000;
const unavailable = (): Failure => new Failure('SERVICE_UNAVAILABLE', 'NATS is away');

/** nats-server: may be away, may forget everything. */
export class MemoryBus {
  private awayUntil = 0;
  private awayMs = 0;
  /** When each engine was last heard, in time with a bus. */
  readonly heard = new Map<string, number>();
  private incarnation = 1;
  private lanes = new Map<string, LaneQueue>();
  private ids = new Map<string, number>();
  facts: { sequence: number; fact: Fact; headers: Partial<FactHeaders> }[] = [];
  lastSequence = 0;
  readonly stopListeners = new Map<string, () => void>();

  constructor(
    private readonly world: World,
    private readonly faults: BusFaults,
    private readonly onFact: (fact: Fact, headers: Partial<FactHeaders>) => void,
  ) {}

  get connected(): boolean {
    return this.world.timeline.now >= this.awayUntil;
  }

  /** Time with a bus since the start, ms. */
  get connectedMs(): number {
    const { now } = this.world.timeline;
    return now - this.awayMs + Math.max(0, this.awayUntil - now);
  }

  /** Goes away for `ms`, or comes back now with 0. */
  away(ms: number): void {
    const { now } = this.world.timeline;
    const before = Math.max(this.awayUntil, now);
    this.awayUntil = ms === 0 ? now : Math.max(before, now + ms);
    this.awayMs += this.awayUntil - before;
  }

  get createdAt(): string {
    return `incarnation-${this.incarnation}`;
  }

  /** The store is gone: streams, consumers, all that waited. */
  wipe(): void {
    this.incarnation += 1;
    this.lanes = new Map();
    this.ids = new Map();
    this.facts = [];
    this.lastSequence = 0;
  }

  reach(): void {
    if (!this.connected) throw unavailable();
  }

  ensureLane(lane: Lane): void {
    this.reach();
    const durable = laneDurable(lane);
    if (!this.lanes.has(durable)) this.lanes.set(durable, { pending: [], waiting: [], inFlight: new Set() });
  }

  depth(lane: Lane): { pending: number; ackPending: number } | undefined {
    this.reach();
    const queue = this.lanes.get(laneDurable(lane));
    return queue && { pending: queue.pending.length, ackPending: queue.inFlight.size };
  }

  invite(lane: Lane, invitation: Invitation): void {
    this.reach();
    const queue = this.lanes.get(laneDurable(lane));
    if (!queue) throw unavailable();
    const { now } = this.world.timeline;
    if (this.faults.dedupe) {
      const id = `${invitation.task} ${invitation.step} ${invitation.attempt}`;
      if ((this.ids.get(id) ?? -Infinity) > now - DEDUPE_MS) return;
      this.ids.set(id, now);
    }
    queue.pending.push({ invitation, deliveries: 0 });
    // JetStream delivers at least once.
    if (this.world.random.chance(0.03)) queue.pending.push({ invitation, deliveries: 0 });
    this.pump(queue);
  }

  /** Hands the next invitation of the lane to `take`, in `process`, when there is one within `ms`. */
  pull(lane: Lane, process: SimProcess, ms: number, take: (message: InFlight | undefined) => void): void {
    const queue = this.connected && !process.cut ? this.lanes.get(laneDurable(lane)) : undefined;
    if (!queue) return process.deliver(500, () => take(undefined));
    const waiter = { process, take, done: false };
    queue.waiting.push(waiter);
    process.deliver(ms, () => {
      if (waiter.done) return;
      waiter.done = true;
      take(undefined);
    });
    this.pump(queue);
  }

  private pump(queue: LaneQueue): void {
    while (queue.pending.length > 0) {
      queue.waiting = queue.waiting.filter((waiter) => !waiter.done && waiter.process.alive);
      const waiter = queue.waiting.shift();
      if (!waiter) return;
      // Its pull went with its connection; it hears nothing until the pull's time is over.
      if (waiter.process.cut) continue;
      const [message] = queue.pending.splice(this.world.random.int(0, queue.pending.length - 1), 1);
      waiter.done = true;
      const flight: InFlight = { invitation: message!.invitation, settled: false, extended: 0 };
      queue.inFlight.add(flight);
      this.expire(queue, flight);
      waiter.process.deliver(waiter.process.latency(), () => waiter.take(flight));
    }
  }

  private expire(queue: LaneQueue, flight: InFlight): void {
    const { extended } = flight;
    this.world.timeline.after(ACK_WAIT_MS, () => {
      if (flight.settled || flight.extended !== extended) return;
      this.giveBack(queue, flight);
    });
  }

  private giveBack(queue: LaneQueue, flight: InFlight): void {
    flight.settled = true;
    if (!queue.inFlight.delete(flight)) return;
    queue.pending.push({ invitation: flight.invitation, deliveries: 1 });
    this.pump(queue);
  }

  ack(flight: InFlight): void {
    this.reach();
    flight.settled = true;
    for (const queue of this.lanes.values()) queue.inFlight.delete(flight);
  }

  nak(flight: InFlight, delayMs: number): void {
    for (const queue of this.lanes.values()) if (queue.inFlight.has(flight)) this.world.timeline.after(delayMs, () => !flight.settled && this.giveBack(queue, flight));
  }

  working(flight: InFlight): void {
    flight.extended += 1;
    for (const queue of this.lanes.values()) if (queue.inFlight.has(flight)) this.expire(queue, flight);
  }

  /** `work` as sent over a connection to this server: it never reaches the next one, because a client without a connection keeps nothing. */
  toThisServer<T>(work: () => T): () => T {
    const server = this.incarnation;
    return () => {
      if (server !== this.incarnation) throw unavailable();
      return work();
    };
  }

  /** How long a publish is under way beyond the usual, ms: a server that stood still takes it in when nobody waits for it any more. */
  delay(): number {
    return this.world.chaos && this.world.random.chance(LATE) ? this.world.random.int(200, LATE_MS) : 0;
  }

  publishFact(fact: Fact, headers: Partial<FactHeaders>, lastSequence: number): { sequence: number } | false {
    this.reach();
    if (!this.faults.noSequenceCheck && lastSequence !== this.lastSequence) return false;
    this.lastSequence += 1;
    this.facts.push({ sequence: this.lastSequence, fact, headers });
    this.onFact(fact, headers);
    return { sequence: this.lastSequence };
  }

  tail(): { createdAt: string; lastSequence: number; headers: Partial<FactHeaders> | undefined } {
    this.reach();
    return { createdAt: this.createdAt, lastSequence: this.lastSequence, headers: this.facts.at(-1)?.headers };
  }
}
