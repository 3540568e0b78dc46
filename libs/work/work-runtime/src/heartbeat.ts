import type { Clock, Log, WorkBus } from './ports';
import { AGAIN_MS } from './persist';

/** Between two beats of a run unless settings say otherwise, ms; its lease is four of these. */
export const BEAT_MS = 5_000;

/** Tells the orchestrator that a run is alive, and hears from it when to stop. */
export class Heartbeat {
  private percent: number | undefined;

  constructor(
    private readonly run: { stream: string; task: string; run: string },
    private readonly bus: Pick<WorkBus, 'beat'>,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly beatMs = BEAT_MS,
  ) {}

  progress(percent: number): void {
    this.percent = Math.max(0, Math.min(100, Math.round(percent)));
  }

  /** Beats until `end` aborts; calls `stop` once when the run is not wanted any more. No answer is no verdict. */
  async beat(end: AbortSignal, stop: () => void): Promise<void> {
    let pause = this.beatMs;
    while (!end.aborted) {
      await this.clock.sleep(pause, end);
      if (end.aborted) return;
      try {
        const { verdict } = await this.bus.beat({ ...this.run, ...(this.percent !== undefined && { percent: this.percent }) });
        if (verdict === 'stop') return stop();
        pause = this.beatMs;
      } catch (error) {
        this.log.warn({ err: error }, 'a beat was not answered');
        pause = AGAIN_MS;
      }
    }
  }
}
