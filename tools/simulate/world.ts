import type { Random } from './random';
import type { Timeline } from './timeline';

/** A rule of the house was broken: the run ends here. */
export class Violation extends Error {
  constructor(
    readonly rule: string,
    detail: string,
  ) {
    super(`${rule}: ${detail}`);
    this.name = 'Violation';
  }
}

/** What every part of a run shares. */
export interface World {
  readonly timeline: Timeline;
  readonly random: Random;
  /** False once nothing is broken any more. */
  readonly chaos: boolean;
  /** Notes what happened, for the trace of a failing seed. */
  trace(text: string): void;
  /** Ends the run with the violation at its next step. */
  violate(rule: string, detail: string): void;
}
