import type { CommandHandler, DueTimer, LeaderToken, OrchestrationStore } from '@millrace/job-store';
import { isFailure } from '@millrace/failures';
import type { Clock, Log } from './ports';

export interface SweeperSettings {
  /** No lease and no queue is judged so long after the lead was taken, or NATS or Postgres came back: our own outage ends nobody's attempt. */
  readonly settleMs: number;
  readonly poolMs: number;
  readonly batch: number;
}

export const SWEEPER_SETTINGS: SweeperSettings = { settleMs: 25_000, poolMs: 15_000, batch: 200 };

/** Longer gaps between two rounds are somebody's outage and count as no silence. */
const LONGEST_ROUND_MS = 5_000;
/** Silence is counted at most so often, ms; rounds come with every append. */
const COUNT_MS = 1_000;

/** What ends somebody who was not heard. */
const JUDGED: ReadonlySet<DueTimer['kind']> = new Set(['lease', 'timeout', 'queue']);

type Store = Pick<OrchestrationStore, 'dueTimers' | 'postponeForeign' | 'taskOutcome' | 'countSilence'>;

/** Fires the timers that came due. */
export class Sweeper {
  private calmSince: number | undefined;
  private lastRound: number | undefined;
  private countedAt: number | undefined;
  private silent: readonly string[] = [];

  constructor(
    private readonly handler: CommandHandler,
    private readonly store: Store,
    private readonly bus: { readonly connected: boolean },
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly settings: SweeperSettings = SWEEPER_SETTINGS,
  ) {}

  /** Forgets the calm: the lead was just taken, or Postgres failed. */
  disturbed(): void {
    this.calmSince = undefined;
    this.lastRound = undefined;
    this.countedAt = undefined;
    this.silent = [];
  }

  /** One round. Answers how many timers it fired. Throws when Postgres is away or another leads. */
  async tick(leader: LeaderToken): Promise<number> {
    const now = this.clock.now();
    const calm = this.isCalm(now);
    const silent = this.bus.connected ? await this.countSilence(now, leader) : [];
    this.lastRound = this.bus.connected ? now : undefined;
    const kinds: DueTimer['kind'][] = ['upload', 'foreign', 'retention', ...(calm ? (['lease', 'timeout'] as const) : []), ...(calm && silent.length > 0 ? (['queue'] as const) : [])];
    const due = await this.store.dueTimers(kinds, calm ? silent : [], this.settings.batch);
    let fired = 0;
    let before = now;
    for (const timer of due) {
      const at = this.clock.now();
      // A pause inside the round is an outage too: what was read before it is looked at again, when it is calm.
      if (at - before > LONGEST_ROUND_MS || (JUDGED.has(timer.kind) && !this.bus.connected)) {
        this.disturbed();
        break;
      }
      before = at;
      await this.fireOne(timer, leader);
      fired += 1;
    }
    return fired;
  }

  private isCalm(now: number): boolean {
    if (!this.bus.connected) {
      this.disturbed();
      return false;
    }
    // A process that stood still heard no beats: its own pause is an outage as well.
    if (this.lastRound !== undefined && now - this.lastRound > LONGEST_ROUND_MS) this.disturbed();
    this.calmSince ??= now;
    return now - this.calmSince >= this.settings.settleMs;
  }

  private async countSilence(now: number, leader: LeaderToken): Promise<readonly string[]> {
    if (this.countedAt !== undefined && now - this.countedAt < COUNT_MS) return this.silent;
    const connectedMs = this.countedAt === undefined ? 0 : Math.min(now - this.countedAt, LONGEST_ROUND_MS);
    this.silent = await this.store.countSilence(connectedMs, this.settings.poolMs, this.handler.rules.queueMs, leader);
    this.countedAt = now;
    return this.silent;
  }

  /** A timer whose command is refused must not keep the others from firing; an outage must. */
  private async fireOne(timer: DueTimer, leader: LeaderToken): Promise<void> {
    try {
      await (timer.kind === 'foreign' ? this.lookAfter(timer, leader) : this.fire(timer, timer.kind, leader));
    } catch (error) {
      if (!isFailure(error) || error.code === 'CONFLICT' || error.class === 'infrastructure') throw error;
      this.log.error({ err: error, timer }, 'a timer could not be fired');
    }
  }

  private async fire({ stream, task, run }: DueTimer, timer: Exclude<DueTimer['kind'], 'foreign'>, leader: LeaderToken): Promise<void> {
    await this.handler.execute({
      stream,
      inputId: `timer:${timer}:${task ?? ''}:${run ?? ''}`,
      command: (now) => ({ type: 'TimerFired', now, timer, task, run }),
      leader,
    });
  }

  private async lookAfter({ stream, task: input }: DueTimer, leader: LeaderToken): Promise<void> {
    const found = await this.store.taskOutcome(input!);
    if (found?.outcome === 'pending') return this.store.postponeForeign(stream, input!, this.handler.rules.foreignMs);
    await this.handler.execute({
      stream,
      inputId: `input:${input}`,
      command: (now) => ({ type: 'InputResolved', now, input: input!, outcome: found?.outcome === 'finished' ? 'finished' : 'failed', files: found?.files ?? [] }),
      leader,
    });
  }
}
