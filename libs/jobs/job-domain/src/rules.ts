/** The numbers of the protocol. Durations in ms. */
export interface Rules {
  /** How long a customer may take to send an upload; contract §5.2: 6 h. */
  readonly uploadMs: number;
  /** A run whose beats stop for so long is lost. */
  readonly leaseMs: number;
  /** A queued task may wait so long for an engine that nobody hosts. */
  readonly queueMs: number;
  /** Ended jobs and their files stay so long; contract §3.3: 24 h. */
  readonly retentionMs: number;
  /** How often a task that waits for a foreign input looks after it, should the notice of its end be lost. */
  readonly foreignMs: number;
  /** Attempts of a task whose engine crashes: the first and two retries. */
  readonly attempts: number;
  /** Lost runs of a task before it fails. */
  readonly losses: number;
  /** First wait after a loss; it doubles up to `backoffMaxMs`. */
  readonly backoffMs: number;
  readonly backoffMaxMs: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export const DEFAULT_RULES: Rules = {
  uploadMs: 6 * HOUR,
  leaseMs: 20_000,
  queueMs: 15 * MINUTE,
  retentionMs: 24 * HOUR,
  foreignMs: HOUR,
  attempts: 3,
  losses: 20,
  backoffMs: 1_000,
  backoffMaxMs: MINUTE,
};

/** `at` plus `ms`, ISO. */
export const later = (at: string, ms: number): string => new Date(Date.parse(at) + ms).toISOString();

/** Wait before the run after the `losses`-th loss, ms. */
export const backoff = (losses: number, rules: Rules): number => Math.min(rules.backoffMs * 2 ** Math.max(0, losses - 1), rules.backoffMaxMs);
