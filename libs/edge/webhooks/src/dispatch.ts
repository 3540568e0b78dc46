import { faultPoint } from '@millrace/config';
import type { Delivery, DeliveryOutcome, WebhookDeliveries } from '@millrace/job-store';
import { childOf, type Logger, runWithTrace, withLogFields } from '@millrace/telemetry';

export interface DispatchSettings {
  readonly deliveries: Pick<WebhookDeliveries, 'claim' | 'settle' | 'giveBack'>;
  readonly send: (delivery: Delivery) => Promise<DeliveryOutcome>;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly log: Logger;
  /** Attempts under way at a time. Default 64. */
  readonly concurrency?: number;
  /** Of these, to one host: a slow receiver does not hold up the others. Default 8. */
  readonly perHost?: number;
}

/** Between two looks when nothing wakes, ms. */
const POLL_MS = 2_000;
/** After a look that failed: Postgres is away. */
const FAILED_MS = 1_000;
/** Longer than one attempt can take. */
const HOLD_MS = 30_000;
const BUSY_HOST_MS = 1_000;

/** Sends what is due. The row is what must not be lost; a wake-up only shortens the wait. */
export class WebhookDispatch {
  private readonly running = new Set<Promise<void>>();
  private readonly hosts = new Map<string, number>();
  private nap: AbortController | undefined;
  private woken = false;

  constructor(private readonly settings: DispatchSettings) {}

  /** Something may be due. */
  wake(): void {
    this.woken = true;
    this.nap?.abort();
  }

  /** Runs until `stop` aborts, then waits for the attempts under way. */
  async run(stop: AbortSignal): Promise<void> {
    const { concurrency = 64, deliveries, log } = this.settings;
    stop.addEventListener('abort', () => this.wake(), { once: true });
    while (!stop.aborted) {
      this.woken = false;
      const room = concurrency - this.running.size;
      let taken: Delivery[] = [];
      try {
        taken = room > 0 ? await deliveries.claim(room, HOLD_MS) : [];
      } catch (error) {
        log.warn({ err: error }, 'Deliveries could not be read');
        await this.pause(FAILED_MS);
        continue;
      }
      taken.forEach((delivery) => this.start(delivery));
      if (taken.length === 0 || this.running.size >= concurrency) await this.pause(POLL_MS);
    }
    await Promise.all(this.running);
  }

  private async pause(ms: number): Promise<void> {
    if (this.woken) return;
    this.nap = new AbortController();
    await this.settings.sleep(ms, this.nap.signal);
    this.nap = undefined;
  }

  private start(delivery: Delivery): void {
    const attempt = runWithTrace(childOf(delivery.trace ?? undefined), () => withLogFields({ job_id: delivery.stream, delivery_id: delivery.id }, () => this.attempt(delivery)))
      .catch((error: unknown) => this.settings.log.error({ err: error }, 'An attempt could not be recorded; it is repeated'))
      .finally(() => {
        this.running.delete(attempt);
        this.wake();
      });
    this.running.add(attempt);
  }

  private async attempt(delivery: Delivery): Promise<void> {
    const { deliveries, log, perHost = 8 } = this.settings;
    const host = hostOf(delivery.url);
    const busy = this.hosts.get(host) ?? 0;
    if (busy >= perHost) return deliveries.giveBack(delivery.id, BUSY_HOST_MS);
    this.hosts.set(host, busy + 1);
    try {
      const outcome = await this.settings.send(delivery);
      faultPoint('webhook-sent');
      await deliveries.settle(delivery.id, outcome);
      log.info({ ...outcome, event: delivery.event, attempt: delivery.attempts }, 'A webhook was tried');
    } finally {
      const left = this.hosts.get(host)! - 1;
      if (left > 0) this.hosts.set(host, left);
      else this.hosts.delete(host);
    }
  }
}

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : '');
