import type { BeatAnswer, BeatRequest, ClaimAnswer, ClaimRequest, Invitation, Lane, ReportAnswer, ReportRequest } from '@millrace/contracts';
import type { Decide } from '@millrace/job-domain';
import { CommandHandler, type LeaderToken } from '@millrace/job-store';
import { ClaimDesk, Dispatcher, LeaderLoop, Relay, ReportDesk, type Role, Sweeper, SWEEPER_SETTINGS } from '@millrace/orchestration';
import type { Faults } from './faults';
import type { MemoryBus } from './memory-bus';
import { type MemoryTables, relayStoreFor, storeFor } from './memory-store';
import type { SimProcess } from './process';
import { simDecide } from './routes';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const manifests = { read: () => Promise.reject(new Error('no run has so many files')), write: () => Promise.reject(new Error('no run has so many files')) };

/** Idle pauses are longer than the shipped ones, so that a run has fewer steps. Ms. */
const IDLE_MS = 1_500;
const POOL_MS = 15_000;
/** Between two looks for new pools, ms. */
const POOL_LOOK_MS = 1_500;

/** The shipped orchestration in one virtual process. */
export class SimOrchestrator {
  readonly claims: ClaimDesk;
  readonly reports: ReportDesk;
  private readonly loops: LeaderLoop[];
  private readonly roles: Role[];

  constructor(
    readonly process: SimProcess,
    private readonly bus: MemoryBus,
    private readonly tables: MemoryTables,
    faults: Faults,
    decide: Decide | undefined,
  ) {
    const store = storeFor(process, tables);
    const { rules } = tables.log;
    const handler = new CommandHandler(store, rules, decide ?? simDecide);
    this.claims = new ClaimDesk(handler, store, manifests, (options) => ({ ...options }));
    this.reports = new ReportDesk(handler, manifests);
    const relayStore = relayStoreFor(process, tables);
    const relay = new Relay(
      relayStore.log,
      { publish: (_subject, fact, headers, last) => process.call(bus.toThisServer(() => bus.publishFact(fact, headers, last)), bus.delay()), tail: () => process.call(() => bus.tail()) },
      relayStore.marks,
      () => process.world.random.uuid(),
      // A relay that stops a round in time hides what the missing checks would do.
      faults === 'no-leader-check' ? { ...process.clock, now: () => 0 } : process.clock,
    );
    const invitations = {
      get connected(): boolean {
        return bus.connected;
      },
      ensureLane: (lane: Lane) => process.call(() => bus.ensureLane(lane)),
      depth: (lane: Lane) => process.call(() => bus.depth(lane)),
      invite: (lane: Lane, invitation: Invitation) => process.call(() => bus.invite(lane, invitation)),
    };
    const dispatcher = new Dispatcher(store, invitations);
    const sweeper = new Sweeper(
      handler,
      store,
      faults === 'lease-judged-disconnected' ? { connected: true } : bus,
      process.clock,
      silent,
      faults === 'lease-judged-disconnected' ? { ...SWEEPER_SETTINGS, settleMs: 0 } : SWEEPER_SETTINGS,
    );
    let lookedAt = -Infinity;
    this.roles = [
      role('dispatcher', () => (lookedAt = -Infinity), async (leader) => {
        if (!bus.connected) return false;
        if (process.clock.now() - lookedAt >= POOL_LOOK_MS) {
          lookedAt = process.clock.now();
          for (const lane of await store.liveLanes(POOL_MS)) await invitations.ensureLane(lane);
        }
        await dispatcher.tick(leader);
        return false;
      }),
      role('relay', () => relay.disturbed(), async (leader) => {
        if (!bus.connected) return false;
        const told = await relay.tick(leader);
        return told !== 'busy' && told > 0;
      }),
      role('sweeper', () => sweeper.disturbed(), async (leader) => (await sweeper.tick(leader)) > 0),
    ];
    this.loops = this.roles.map((one) => new LeaderLoop(one, store, process.name, process.clock, silent));
  }

  /** Leads what it can until the process is asked to stop. */
  async run(): Promise<void> {
    await Promise.all(this.loops.map((loop) => loop.run(this.process.stop.signal)));
  }

  /** NATS came or went. */
  busChanged(): void {
    for (const one of this.roles) one.disturbed();
  }

  wake(): void {
    for (const loop of this.loops) loop.wake();
  }

  handle(kind: 'claim', request: ClaimRequest): Promise<ClaimAnswer>;
  handle(kind: 'beat', request: BeatRequest): Promise<BeatAnswer>;
  handle(kind: 'report', request: ReportRequest): Promise<ReportAnswer>;
  handle(kind: 'claim' | 'beat' | 'report', request: ClaimRequest | BeatRequest | ReportRequest): Promise<unknown> {
    if (kind === 'claim') return this.claims.claim(request as ClaimRequest);
    if (kind === 'beat') return this.claims.beat(request as BeatRequest);
    return this.reports.report(request as ReportRequest);
  }
}

const role = (name: string, disturbed: () => void, round: (leader: LeaderToken) => Promise<boolean>): Role => ({ name, idleMs: IDLE_MS, disturbed, round });
