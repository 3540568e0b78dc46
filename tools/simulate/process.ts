import { Failure } from '@millrace/failures';
import type { World } from './world';

/** The longest that a message is on its way, ms. */
const LATENCY_MS = 8;
/** How long the shipped bus waits for the answer to a publish, ms. */
const GIVE_UP_MS = 5_000;

/**
 * One incarnation of a service. All that its code awaits is delivered by the timeline: a dead one gets nothing any more, a frozen one
 * gets it when it thaws. So it may stop at any await, for good or for a while.
 */
export class SimProcess {
  alive = true;
  frozenUntil = 0;
  /** Until then it reaches no bus, while all others do. */
  cutUntil = 0;
  /** Aborts when it is asked to end by itself. */
  readonly stop = new AbortController();
  private upset: { calls: number; act: () => void } | undefined;

  constructor(
    readonly world: World,
    readonly name: string,
  ) {}

  get cut(): boolean {
    return this.world.timeline.now < this.cutUntil;
  }

  /** The last moment at which it could not be heard through no fault of the rest, or 0. */
  get silentUntil(): number {
    return Math.max(this.frozenUntil, this.cutUntil);
  }

  kill(): void {
    this.alive = false;
  }

  freeze(ms: number): void {
    this.frozenUntil = this.world.timeline.now + ms;
  }

  /** Does `act` to it in the midst of its work: when it sent so many more requests. */
  afterCalls(calls: number, act: () => void): void {
    this.upset = { calls, act };
  }

  /** A request was sent. */
  called(): void {
    if (!this.upset || (this.upset.calls -= 1) > 0) return;
    const { act } = this.upset;
    this.upset = undefined;
    act();
  }

  latency(): number {
    return 0.2 + this.world.random.next() * LATENCY_MS;
  }

  /** Runs `act` in this process after `ms`, unless it is dead then; a frozen one runs it when it thaws. */
  deliver(ms: number, act: () => void): void {
    const { timeline } = this.world;
    timeline.after(ms, () => {
      if (!this.alive) return;
      if (timeline.now < this.frozenUntil) this.deliver(this.frozenUntil - timeline.now, act);
      else act();
    });
  }

  /**
   * Asks something outside: `work` happens after a while, also when the asker dies meanwhile; its outcome comes back after another.
   * An asker that would have to wait for too long gives up, and `work` happens all the same: `late` ms from now.
   */
  call<T>(work: () => T, late = 0): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (late > GIVE_UP_MS) this.deliver(GIVE_UP_MS, () => reject(new Failure('SERVICE_UNAVAILABLE', 'No answer came in time')));
      this.world.timeline.after(late + this.latency(), () => {
        let settle: () => void;
        try {
          const result = work();
          settle = () => resolve(result);
        } catch (error) {
          settle = () => reject(error);
        }
        this.deliver(this.latency(), settle);
      });
      this.called();
    });
  }

  readonly clock = {
    now: (): number => this.world.timeline.now,
    sleep: (ms: number, signal?: AbortSignal): Promise<void> =>
      new Promise((resolve) => {
        if (signal?.aborted) return this.deliver(0, resolve);
        const aborted = (): void => this.deliver(0, resolve);
        this.deliver(ms, () => {
          signal?.removeEventListener('abort', aborted);
          resolve();
        });
        signal?.addEventListener('abort', aborted, { once: true });
      }),
  };
}
