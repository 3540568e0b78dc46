import { ANY_VERSION, type Lane, laneDurable } from '@millrace/contracts';
import type { Engine } from '@millrace/engine-kit';
import type { Clock, Log, Pulled, WorkBus } from './ports';
import type { TaskRunner } from './task-runner';

export interface WorkerSettings {
  readonly worker: string;
  readonly pool: string;
  readonly region: string;
  /** Runs at a time over all engines of the process. */
  readonly slots: number;
}

/** How long one pull waits at the server, ms. */
const PULL_MS = 20_000;
/** After a pull that failed, or a lane that is not there yet. */
const PULL_AGAIN_MS = 500;
export const ANNOUNCE_MS = 2_000;
/** How long an invitation that must run alone waits for this process to become idle, before it goes to another. */
const ALONE_PATIENCE_MS = 60_000;
const ALONE_LOOK_MS = 1_000;

/** Pulls invitations while it has a free slot, and says what it hosts. */
export class Worker {
  private running = 0;
  private alone = false;
  private readonly freed = new Set<() => void>();
  private readonly inFlight = new Set<Promise<void>>();

  constructor(
    private readonly settings: WorkerSettings,
    private readonly engines: readonly Engine[],
    private readonly runner: TaskRunner,
    private readonly bus: WorkBus,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Works until `stop` aborts, then stops its runs and waits until each was reported. */
  async run(stop: AbortSignal): Promise<void> {
    stop.addEventListener('abort', () => this.wakeAll(), { once: true });
    const loops = this.engines.flatMap((engine) => this.lanesOf(engine).map((lane) => this.pullLane(lane, engine, stop)));
    await Promise.all([this.announce(stop), ...loops]);
    this.runner.shutDown();
    await Promise.all(this.inFlight);
  }

  private lanesOf(engine: Engine): Lane[] {
    const { region } = this.settings;
    return [ANY_VERSION, engine.version].map((version) => ({ region, engine: engine.name, version }));
  }

  private get free(): number {
    return this.alone ? 0 : this.settings.slots - this.running;
  }

  private async announce(stop: AbortSignal): Promise<void> {
    const { worker, pool, region, slots } = this.settings;
    const engines = this.engines.map(({ name, version }) => ({ name, version }));
    while (!stop.aborted) {
      if (this.bus.connected) this.bus.announce({ worker, pool, region, slots, free: Math.max(0, this.free), engines });
      await this.clock.sleep(ANNOUNCE_MS, stop);
    }
  }

  private async pullLane(lane: Lane, engine: Engine, stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      if (this.free <= 0) {
        await new Promise<void>((resolve) => this.freed.add(resolve));
        continue;
      }
      try {
        const pulled = await this.bus.pull(lane, 1, PULL_MS, stop);
        for (const one of pulled) await this.take(one, engine, stop);
      } catch (error) {
        this.log.warn({ err: error, lane: laneDurable(lane) }, 'a pull failed; trying again');
        await this.clock.sleep(PULL_AGAIN_MS, stop);
      }
    }
  }

  /** All lanes pull at once, so more may arrive than fit: what does not goes back at once. */
  private async take(pulled: Pulled, engine: Engine, stop: AbortSignal): Promise<void> {
    if (stop.aborted || this.free <= 0) return pulled.nak(0);
    if (!pulled.invitation.alone) return this.start(pulled, engine);
    this.alone = true;
    // Whatever happens meanwhile, a process that keeps its slots for nothing would never work again.
    const idle = await this.becomesIdle(pulled, stop).catch((error: unknown) => this.log.warn({ err: error }, 'an invitation could not be kept'));
    if (idle) return this.start(pulled, engine);
    this.alone = false;
    this.wakeAll();
    return pulled.nak(ALONE_LOOK_MS);
  }

  private async becomesIdle(pulled: Pulled, stop: AbortSignal): Promise<boolean> {
    const until = this.clock.now() + ALONE_PATIENCE_MS;
    while (this.running > 0 && this.clock.now() < until && !stop.aborted) {
      await this.clock.sleep(ALONE_LOOK_MS, stop);
      await pulled.working();
    }
    return this.running === 0 && !stop.aborted;
  }

  private start(pulled: Pulled, engine: Engine): void {
    this.running += 1;
    const run = this.runner
      .handle(pulled, engine)
      .catch((error: unknown) => this.log.error({ err: error, task: pulled.invitation.task }, 'a run ended unexpectedly'))
      .finally(() => {
        this.running -= 1;
        if (pulled.invitation.alone) this.alone = false;
        this.inFlight.delete(run);
        this.wakeAll();
      });
    this.inFlight.add(run);
  }

  private wakeAll(): void {
    const waiting = [...this.freed];
    this.freed.clear();
    for (const wake of waiting) wake();
  }
}
