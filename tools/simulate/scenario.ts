import { DEFAULT_RULES, type Rules, stoppedRuns } from '@millrace/job-domain';
import { Checks } from './checks';
import { SimClient } from './clients';
import { type Faults, withoutRunCheck } from './faults';
import { checkAtEnd, TOLD_MS } from './final-checks';
import { MemoryBus } from './memory-bus';
import { MemoryLog, msOf } from './memory-log';
import { MemoryTables } from './memory-store';
import { requestsOver } from './network';
import { SimOrchestrator } from './orchestrator';
import { SimProcess } from './process';
import { Random } from './random';
import { Timeline } from './timeline';
import { Upheaval } from './upheaval';
import { startWorker } from './worker';
import { Violation, type World } from './world';

/** How long faults are injected, and how long all may take to end after that. Virtual ms. */
const CHAOS_MS = 45_000;
const CALM_MS = 15 * 60_000;
/** Within calm, nothing may wait so long for a worker that is free: it is two invitations and a bit. */
const FORGOTTEN_MS = 100_000;
/** How long all is watched after the last job ended. */
const QUIET_MS = 8_000;
/** Looks for what is forgotten come so many steps apart. */
const LOOK_STEPS = 64;
const RULES: Rules = { ...DEFAULT_RULES, uploadMs: 90_000, queueMs: 60_000, foreignMs: 30_000, retentionMs: 60_000, losses: 8, backoffMaxMs: 8_000 };
/** The engine of each worker. */
const WORKERS = ['alpha', 'alpha', 'beta'];

export interface Outcome {
  readonly seed: number;
  readonly violation: Violation | undefined;
  readonly trace: readonly string[];
  readonly steps: number;
  /** Virtual ms. */
  readonly took: number;
  readonly events: number;
}

/** One seeded run of the whole system in virtual time. */
class Scenario implements World {
  readonly timeline = new Timeline();
  readonly random: Random;
  readonly lines: string[] = [];
  readonly log: MemoryLog;
  readonly bus: MemoryBus;
  readonly checks: Checks;
  readonly orchestrators: SimOrchestrator[] = [];
  violation: Violation | undefined;
  steps = 0;
  private readonly tables: MemoryTables;
  private readonly upheaval: Upheaval;
  private readonly deaths = new Map<string, number>();
  private readonly standalone: string[] = [];
  private endedAt: number | undefined;

  constructor(
    seed: number,
    private readonly faults: Faults,
    private readonly keepTrace: boolean,
  ) {
    this.random = new Random(seed);
    this.log = new MemoryLog(this, RULES, { noInputId: faults === 'no-input-id', timersApart: faults === 'timers-apart', noLeaderCheck: faults === 'no-leader-check' });
    this.tables = new MemoryTables(this.log);
    this.checks = new Checks(this, this.log, () => this.bus);
    this.bus = new MemoryBus(this, { dedupe: faults === 'invitation-with-message-id', noSequenceCheck: faults === 'no-leader-check' }, (fact, headers) => this.checks.told(fact, headers));
    this.upheaval = new Upheaval(this);
    this.log.onCommit = (stream, commit) => {
      this.checks.committed(stream, commit);
      if (!this.bus.connected) return;
      for (const run of stoppedRuns(commit.before, commit.after)) if (this.random.chance(0.8)) this.bus.stopListeners.get(run)?.();
      if (this.random.chance(0.9)) for (const one of this.orchestrators) one.process.deliver(one.process.latency(), () => one.wake());
    };
  }

  get chaos(): boolean {
    return this.upheaval.going;
  }

  trace(text: string): void {
    if (this.keepTrace) this.lines.push(`${(this.timeline.now / 1000).toFixed(3).padStart(9)}  ${text}`);
  }

  violate(rule: string, detail: string): void {
    this.violation ??= new Violation(rule, detail);
    this.trace(`VIOLATION ${rule}: ${detail}`);
  }

  async run(): Promise<void> {
    for (let i = 0; i < 2; i += 1) this.startOrchestrator(i);
    for (const [i, engine] of WORKERS.entries()) this.startWorker(i, engine);
    const jobs = this.random.int(3, 7);
    for (let i = 0; i < jobs; i += 1) this.timeline.after(this.random.int(0, CHAOS_MS * 0.6), () => this.startClient(i));
    this.upheaval.begin();
    this.timeline.after(CHAOS_MS, () => this.upheaval.heal());
    await this.timeline.run(() => this.goesOn());
    if (!this.violation) checkAtEnd(this, this.log, this.checks);
  }

  private goesOn(): boolean {
    this.steps += 1;
    if (this.violation) return false;
    if (this.chaos || this.steps % LOOK_STEPS !== 0) return true;
    this.lookForForgotten();
    if (!this.allEnded()) this.endedAt = undefined;
    else this.endedAt ??= this.timeline.now;
    if (this.timeline.now > CHAOS_MS + CALM_MS) this.violate('every accepted job ends', this.openTasks());
    return this.endedAt === undefined || this.timeline.now - this.endedAt <= QUIET_MS || this.timeline.now - this.awakeSince() <= TOLD_MS;
  }

  /** Both orchestrators may stand still long after all jobs have ended. */
  private awakeSince(): number {
    return Math.min(...this.orchestrators.map(({ process }) => process.silentUntil));
  }

  private allEnded(): boolean {
    return [...this.log.streams.values()].every(({ state }) => state!.deleted || state!.outcome !== 'open') && this.checks.engines.size === 0;
  }

  private openTasks(): string {
    const open = [...this.log.tasks.values()].filter((task) => task.ended_at === null);
    return open.map((task) => `${task.id} ${task.phase} ${task.engine}`).join(', ');
  }

  private lookForForgotten(): void {
    const since = this.timeline.now - FORGOTTEN_MS;
    if (since < CHAOS_MS) return;
    for (const task of this.tables.queued()) {
      const due = Math.max(msOf(task.queued_at!), task.not_before ? msOf(task.not_before) : 0);
      if (due < since && task.engine !== 'nobody') this.violate('no queued task is forgotten', task.id);
    }
  }

  private startOrchestrator(i: number): void {
    const process = new SimProcess(this, `orchestrator-${i}-${Math.round(this.timeline.now)}`);
    const one = new SimOrchestrator(process, this.bus, this.tables, this.faults, this.faults === 'no-run-check' ? withoutRunCheck : undefined);
    this.orchestrators.push(one);
    this.upheaval.watch(process, () => this.startOrchestrator(i));
    void one.run().then(() => this.upheaval.crash(process));
  }

  private startWorker(i: number, engine: string): void {
    const process = new SimProcess(this, `worker-${i}-${Math.round(this.timeline.now)}`);
    this.upheaval.watch(process, () => this.startWorker(i, engine));
    const { bus, tables, checks, faults, deaths } = this;
    startWorker(process, engine, engine, { bus, tables, checks, faults, deaths, request: requestsOver(this), die: this.upheaval.crash });
  }

  /** A gateway that crashed leaves its customer without an answer. */
  private startClient(i: number): void {
    const process = new SimProcess(this, `client-${i}`);
    this.upheaval.watch(process, () => undefined);
    void new SimClient(process, this.tables, this.checks, this.standalone).run();
  }
}

/** Runs one seed. The same seed, fault and code give the same run. */
export async function simulate(seed: number, options: { fault?: Faults; trace?: boolean } = {}): Promise<Outcome> {
  const scenario = new Scenario(seed, options.fault, options.trace ?? false);
  const { stackTraceLimit } = Error;
  // Thousands of requests fail on purpose, and nobody looks at where.
  if (!options.trace) Error.stackTraceLimit = 0;
  try {
    await scenario.run();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  const { violation, lines, steps, timeline, log } = scenario;
  return { seed, violation, trace: lines, steps, took: timeline.now, events: log.all.length };
}
