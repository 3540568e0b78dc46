import type { Checks } from './checks';
import type { MemoryBus } from './memory-bus';
import type { MemoryLog } from './memory-log';
import type { SimOrchestrator } from './orchestrator';
import type { SimProcess } from './process';
import type { World } from './world';

export interface UpheavalWorld extends World {
  readonly bus: MemoryBus;
  readonly log: MemoryLog;
  readonly checks: Checks;
  readonly orchestrators: SimOrchestrator[];
}

/** How long a process that was asked to stop may take, ms. */
const STOP_MS = 10_000;
/** From so short that nobody notices to longer than leases. Ms. */
const SILENCES_MS = [3_000, 15_000, 40_000, 60_000];
/** A process is hit after at most so many more requests of its own. */
const CALLS = 40;

const KINDS = ['crash', 'freeze', 'cut', 'stop', 'nats', 'wipe', 'postgres'] as const;
/** The longest time between two faults, ms. Where much is broken, nothing is judged for long: seeds differ in it. */
const PACES_MS = [4_000, 8_000, 16_000];

/** Breaks things at random until it is told to heal. */
export class Upheaval {
  going = true;
  private readonly restarts = new Map<SimProcess, () => void>();

  /** A seed has some kinds of faults and not others: what one hides, another seed shows. */
  private readonly kinds: readonly (typeof KINDS)[number][];
  private readonly paceMs: number;

  constructor(private readonly world: UpheavalWorld) {
    const { random } = world;
    const kinds = KINDS.filter(() => random.chance(0.5));
    this.kinds = kinds.length > 0 ? kinds : KINDS;
    this.paceMs = random.pick(PACES_MS);
  }

  /** `restart` makes its next incarnation. */
  watch(process: SimProcess, restart: () => void): void {
    this.restarts.set(process, restart);
  }

  begin(): void {
    this.world.timeline.after(this.world.random.int(800, this.paceMs), () => {
      if (!this.going) return;
      this.strike();
      this.begin();
    });
  }

  heal(): void {
    const { world } = this;
    world.trace('calm');
    this.going = false;
    world.log.awayUntil = 0;
    world.checks.calmSince = world.timeline.now;
    this.natsAway(0);
  }

  /** Ends an incarnation, wherever it is, and starts the next one after a while. */
  readonly crash = (process: SimProcess): void => {
    const { checks, orchestrators, random, timeline } = this.world;
    if (!process.alive) return;
    this.world.trace(`${process.name} ends`);
    process.kill();
    for (const [run, owner] of checks.engines) if (owner === process) checks.engines.delete(run);
    const index = orchestrators.findIndex((one) => one.process === process);
    if (index >= 0) orchestrators.splice(index, 1);
    const restart = this.restarts.get(process)!;
    this.restarts.delete(process);
    timeline.after(random.int(100, 3_000), restart);
  };

  private strike(): void {
    const { world } = this;
    const { random, bus, log, timeline } = world;
    switch (random.pick(this.kinds)) {
      case 'crash':
        return this.hit(this.crash);
      case 'freeze':
        return this.hit((process) => {
          const ms = random.pick(SILENCES_MS);
          world.trace(`${process.name} stands still for ${ms} ms`);
          process.freeze(ms);
        });
      case 'cut':
        return this.hit((process) => {
          const ms = random.pick(SILENCES_MS);
          world.trace(`${process.name} is cut off for ${ms} ms`);
          process.cutUntil = timeline.now + ms;
        }, 'worker');
      case 'stop':
        return this.stop(random.pick([...this.restarts.keys()]));
      case 'nats':
        return this.natsAway(random.int(500, 40_000));
      case 'wipe':
        world.trace('NATS forgets everything');
        bus.wipe();
        return this.natsAway(random.int(100, 2_000));
      case 'postgres':
        world.trace('Postgres is away');
        log.awayUntil = Math.max(log.awayUntil, timeline.now + random.int(200, 8_000));
    }
  }

  /** At once, or in the midst of what the process does next: most moments are idle ones. */
  private hit(act: (process: SimProcess) => void, kind = ''): void {
    const { random } = this.world;
    const candidates = [...this.restarts.keys()].filter(({ name }) => name.startsWith(kind));
    // All of them may be down just now.
    if (candidates.length === 0) return;
    const process = random.pick(candidates);
    if (random.chance(0.4)) act(process);
    else process.afterCalls(random.int(1, CALLS), () => this.going && process.alive && act(process));
  }

  private stop(process: SimProcess): void {
    this.world.trace(`${process.name} is asked to stop`);
    process.deliver(0, () => process.stop.abort());
    this.world.timeline.after(STOP_MS, () => this.crash(process));
  }

  /** For `ms` from now; 0 brings it back. */
  private natsAway(ms: number): void {
    const { world } = this;
    world.trace(ms === 0 ? 'NATS is back' : `NATS is away for ${ms} ms`);
    world.bus.away(ms);
    const told = (): void => world.orchestrators.forEach((one) => one.process.deliver(0, () => one.busChanged()));
    told();
    world.timeline.after(ms, told);
  }
}
