import { Failure } from '@millrace/failures';
import { DEFAULT_RULES, type Rules, stoppedRuns } from '@millrace/job-domain';
import { Checks } from './checks';
import { SimClient } from './clients';
import { type Faults, withoutRunCheck } from './faults';
import { MemoryBus } from './memory-bus';
import { MemoryLog } from './memory-log';
import { MemoryTables } from './memory-store';
import { SimOrchestrator } from './orchestrator';
import { SimProcess } from './process';
import { Random } from './random';
import { Timeline } from './timeline';
import { type Request, startWorker } from './worker';
import { Violation, type World } from './world';

/** How long faults are injected, and how long all may take to end after that. Virtual ms. */
const CHAOS_MS = 45_000;
const CALM_MS = 15 * 60_000;
/** Within calm, nothing may wait so long for a worker that is free: it is two invitations and a bit. */
const FORGOTTEN_MS = 100_000;
const RULES: Rules = { ...DEFAULT_RULES, uploadMs: 90_000, queueMs: 60_000, foreignMs: 30_000, losses: 8, backoffMaxMs: 8_000 };

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
  violation: Violation | undefined;
  private readonly checks = new Checks(this);
  private readonly log: MemoryLog;
  private readonly tables: MemoryTables;
  private readonly bus: MemoryBus;
  private readonly orchestrators: SimOrchestrator[] = [];
  private readonly restarts = new Map<SimProcess, () => void>();
  private readonly deaths = new Map<string, number>();
  private readonly standalone: string[] = [];
  private chaos = true;

  constructor(
    seed: number,
    private readonly faults: Faults,
    private readonly keepTrace: boolean,
  ) {
    this.random = new Random(seed);
    this.log = new MemoryLog(this, RULES, { noInputId: faults === 'no-input-id', timersApart: faults === 'timers-apart', noLeaderCheck: faults === 'no-leader-check' });
    this.tables = new MemoryTables(this.log);
    this.bus = new MemoryBus(this, { dedupe: faults === 'invitation-with-message-id', noSequenceCheck: faults === 'no-leader-check' }, (fact, headers) => this.checks.told(fact, headers));
    this.log.onCommit = (stream, commit) => {
      this.checks.committed(this.log, stream, commit);
      if (!this.bus.connected) return;
      for (const run of stoppedRuns(commit.before, commit.after)) if (this.random.chance(0.8)) this.bus.stopListeners.get(run)?.();
      if (this.random.chance(0.9)) for (const one of this.orchestrators) one.process.deliver(one.process.latency(), () => one.wake());
    };
  }

  trace(text: string): void {
    if (this.keepTrace) this.lines.push(`${(this.timeline.now / 1000).toFixed(3).padStart(9)}  ${text}`);
  }

  violate(rule: string, detail: string): void {
    this.violation ??= new Violation(rule, detail);
    this.trace(`VIOLATION ${this.violation.message}`);
  }

  async run(): Promise<{ steps: number }> {
    for (let i = 0; i < 2; i += 1) this.startOrchestrator(i);
    for (const [i, engine] of ['alpha', 'alpha', 'beta'].entries()) this.startWorker(i, engine);
    const jobs = this.random.int(3, 7);
    for (let i = 0; i < jobs; i += 1) this.timeline.after(this.random.int(0, CHAOS_MS * 0.6), () => this.startClient(i));
    this.scheduleFault();
    this.timeline.after(CHAOS_MS, () => this.heal());
    let steps = 0;
    let calmSince: number | undefined;
    while (!this.violation && (await this.timeline.step())) {
      steps += 1;
      if (this.chaos || steps % 64 !== 0) continue;
      this.lookForForgotten();
      if (!this.allEnded()) calmSince = undefined;
      else calmSince ??= this.timeline.now;
      if (calmSince !== undefined && this.timeline.now - calmSince > 20_000) break;
      if (this.timeline.now > CHAOS_MS + CALM_MS) this.violate('every accepted job ends', this.openTasks());
    }
    if (!this.violation) this.checks.atEnd(this.log, this.bus, this.tables.mark?.position ?? 0);
    return { steps };
  }

  get eventCount(): number {
    return this.log.all.length;
  }

  private allEnded(): boolean {
    return [...this.log.streams.values()].every(({ state }) => state!.deleted || state!.outcome !== 'open');
  }

  private openTasks(): string {
    const open = [...this.log.tasks.values()].filter((task) => task.ended_at === null);
    return open.map((task) => `${task.id} ${task.phase} ${task.engine}`).join(', ');
  }

  private lookForForgotten(): void {
    const since = this.timeline.now - FORGOTTEN_MS;
    if (since < CHAOS_MS) return;
    for (const task of this.tables.queued()) {
      const due = Math.max(Date.parse(task.queued_at!), task.not_before ? Date.parse(task.not_before) : 0) - Date.UTC(2030, 0, 1);
      if (due < since && task.engine !== 'nobody') this.violate('no queued task is forgotten', task.id);
    }
  }

  private startOrchestrator(i: number): void {
    const process = new SimProcess(this, `orchestrator-${i}-${Math.round(this.timeline.now)}`);
    const one = new SimOrchestrator(process, this.bus, this.tables, this.faults, this.faults === 'no-run-check' ? withoutRunCheck : undefined);
    this.orchestrators.push(one);
    this.restarts.set(process, () => this.startOrchestrator(i));
    one.start();
  }

  private startWorker(i: number, engine: string): void {
    const process = new SimProcess(this, `worker-${i}-${Math.round(this.timeline.now)}`);
    this.restarts.set(process, () => this.startWorker(i, engine));
    const { bus, tables, checks, faults, deaths } = this;
    startWorker(process, engine, engine, { bus, tables, checks, faults, deaths, request: this.request, die: (one) => this.crash(one) });
  }

  private startClient(i: number): void {
    const process = new SimProcess(this, `client-${i}`);
    this.restarts.set(process, () => undefined);
    void new SimClient(process, this.tables, this.checks, this.standalone).run();
  }

  private crash(process: SimProcess): void {
    if (!process.alive) return;
    this.trace(`crash ${process.name}`);
    process.kill();
    for (const [run, owner] of this.checks.engines) if (owner === process) this.checks.engines.delete(run);
    const index = this.orchestrators.findIndex((one) => one.process === process);
    if (index >= 0) this.orchestrators.splice(index, 1);
    const restart = this.restarts.get(process)!;
    this.restarts.delete(process);
    this.timeline.after(this.random.int(100, 3_000), restart);
  }

  private scheduleFault(): void {
    this.timeline.after(this.random.int(800, 6_000), () => {
      if (!this.chaos) return;
      this.fault();
      this.scheduleFault();
    });
  }

  private fault(): void {
    const process = this.random.pick([...this.restarts.keys()]);
    switch (this.random.pick(['crash', 'crash', 'crash', 'freeze', 'freeze', 'nats', 'wipe', 'postgres'] as const)) {
      case 'crash':
        return this.crash(process);
      case 'freeze':
        this.trace(`freeze ${process.name}`);
        return process.freeze(this.random.pick([3_000, 15_000, 50_000]));
      case 'nats':
        return this.natsAway(this.random.int(500, 40_000));
      case 'wipe':
        this.trace('NATS forgets everything');
        this.bus.wipe();
        return this.natsAway(this.random.int(100, 2_000));
      case 'postgres':
        this.trace('Postgres is away');
        this.log.awayUntil = Math.max(this.log.awayUntil, this.timeline.now + this.random.int(200, 8_000));
    }
  }

  /** For `ms` from now; 0 brings it back. */
  private natsAway(ms: number): void {
    this.trace(ms === 0 ? 'NATS is back' : `NATS is away for ${ms} ms`);
    this.bus.awayUntil = ms === 0 ? 0 : Math.max(this.bus.awayUntil, this.timeline.now + ms);
    const told = (): void => this.orchestrators.forEach((one) => one.process.deliver(0, () => one.busChanged()));
    told();
    this.timeline.after(ms, told);
  }

  private heal(): void {
    this.trace('calm');
    this.chaos = false;
    this.log.awayUntil = 0;
    this.natsAway(0);
  }

  /** A request over NATS to one of the orchestrators: may be lost, repeated, answered late or never. */
  private readonly request: Request = <T>(from: SimProcess, kind: 'claim' | 'beat' | 'report', payload: object): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      const unanswered = new Failure('SERVICE_UNAVAILABLE', 'Nobody answered');
      from.deliver(1_000, () => reject(unanswered));
      const ask = (): void => {
        if (!this.bus.connected || this.orchestrators.length === 0 || this.random.chance(this.chaos ? 0.03 : 0)) return;
        const one = this.random.pick(this.orchestrators);
        const back = (settle: () => void) => (): void => {
          if (!one.process.alive || !this.bus.connected || this.random.chance(this.chaos ? 0.03 : 0)) return;
          from.deliver(from.latency(), settle);
        };
        one.process.deliver(one.process.latency(), () => {
          (one.handle(kind as 'claim', payload as never) as Promise<unknown>).then(
            (answer) => back(() => resolve(answer as T))(),
            (error: unknown) => back(() => reject(error))(),
          );
        });
      };
      this.timeline.after(from.latency(), ask);
      if (this.random.chance(0.02)) this.timeline.after(this.random.int(5, 3_000), ask);
    });
}

/** Runs one seed. The same seed, fault and code give the same run. */
export async function simulate(seed: number, options: { fault?: Faults; trace?: boolean } = {}): Promise<Outcome> {
  const scenario = new Scenario(seed, options.fault, options.trace ?? false);
  const { steps } = await scenario.run();
  return { seed, violation: scenario.violation, trace: scenario.lines, steps, took: scenario.timeline.now, events: scenario.eventCount };
}
