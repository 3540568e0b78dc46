import { faultPoint, systemClock } from '@millrace/config';
import type { Delivery, DeliveryOutcome, WebhookDeliveries } from '@millrace/job-store';
import { inSpan, joined, type Logger, runWithTrace, withLogFields } from '@millrace/telemetry';
import { Bounds } from './bounds';

export interface DispatchSettings {
  readonly deliveries: Pick<WebhookDeliveries, 'claim' | 'settle' | 'giveBack'>;
  readonly send: (delivery: Delivery) => Promise<DeliveryOutcome>;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly log: Logger;
  /** Attempts under way at a time. Default 64. */
  readonly concurrency?: number;
  /** Of these, to one host: a slow receiver does not hold up the others. Default 8. */
  readonly perHost?: number;
  /** Of these, for one account, whatever names its receivers have. Default 32. */
  readonly perAccount?: number;
  /** Ms since the epoch. Default: the system's clock. */
  readonly now?: () => number;
}

/** Between two looks when nothing wakes, ms. */
const POLL_MS = 2_000;
/** After a look that failed: Postgres is away. */
const FAILED_MS = 1_000;
/** Longer than one attempt can take. */
const HOLD_MS = 30_000;
const BUSY_MS = 1_000;

/** Sends what is due. The row is what must not be lost; a wake-up only shortens the wait. */
export class WebhookDispatch {
  private readonly running = new Set<Promise<void>>();
  private readonly hosts: Bounds<string>;
  private readonly accounts: Bounds<number>;
  /** When rows that this process put off are due again. */
  private later: number[] = [];
  private nap: AbortController | undefined;
  private woken = false;

  constructor(private readonly settings: DispatchSettings) {
    this.hosts = new Bounds(settings.perHost ?? 8);
    this.accounts = new Bounds(settings.perAccount ?? 32);
  }

  /** Something may be due. */
  wake(): void {
    this.woken = true;
    this.nap?.abort();
  }

  /** Runs until `stop` aborts, then waits for the attempts under way. */
  async run(stop: AbortSignal): Promise<void> {
    const { concurrency = 64, log } = this.settings;
    stop.addEventListener('abort', () => this.wake(), { once: true });
    while (!stop.aborted) {
      this.woken = false;
      const room = concurrency - this.running.size;
      let taken: Delivery[] = [];
      try {
        taken = room > 0 ? await this.claim(room) : [];
      } catch (error) {
        log.warn({ err: error }, 'Deliveries could not be read');
        await this.pause(FAILED_MS);
        continue;
      }
      taken.forEach((delivery) => this.start(delivery));
      if (taken.length === 0 || this.running.size >= concurrency) await this.pause(this.untilNext());
    }
    await Promise.all(this.running);
  }

  private claim(limit: number): Promise<Delivery[]> {
    const { hosts, accounts } = this;
    const share = { limit, perHost: hosts.most, perAccount: accounts.most, busyHosts: hosts.full(), busyAccounts: accounts.full() };
    return this.settings.deliveries.claim(share, HOLD_MS);
  }

  private untilNext(): number {
    const now = this.now();
    this.later = this.later.filter((at) => at > now);
    return Math.min(POLL_MS, ...this.later.map((at) => at - now));
  }

  private now(): number {
    return (this.settings.now ?? systemClock.now)();
  }

  private async pause(ms: number): Promise<void> {
    if (this.woken) return;
    this.nap = new AbortController();
    await this.settings.sleep(ms, this.nap.signal);
    this.nap = undefined;
  }

  private start(delivery: Delivery): void {
    const attempt = runWithTrace(joined(delivery.trace), () => withLogFields({ job_id: delivery.stream, delivery_id: delivery.id }, () => this.attempt(delivery)))
      .catch((error: unknown) => this.settings.log.error({ err: error }, 'An attempt could not be recorded; it is repeated'))
      .finally(() => {
        this.running.delete(attempt);
        this.wake();
      });
    this.running.add(attempt);
  }

  private async attempt(delivery: Delivery): Promise<void> {
    const { id, host, account } = delivery;
    if (!this.take(host, account)) return this.giveBack(id);
    try {
      await this.deliver(delivery);
    } finally {
      this.hosts.release(host);
      this.accounts.release(account);
    }
  }

  private take(host: string, account: number): boolean {
    if (!this.hosts.take(host)) return false;
    if (this.accounts.take(account)) return true;
    this.hosts.release(host);
    return false;
  }

  /** Some of a share were under way already when it was claimed. */
  private async giveBack(id: string): Promise<void> {
    await this.settings.deliveries.giveBack(id, BUSY_MS);
    this.later.push(this.now() + BUSY_MS);
  }

  private send(delivery: Delivery): Promise<DeliveryOutcome> {
    const attributes = { 'http.request.method': 'POST', 'server.address': delivery.host, 'http.request.resend_count': delivery.attempts - 1, 'millrace.job.id': delivery.stream };
    return inSpan('webhook.send', { kind: 'client', attributes }, async (span) => {
      const outcome = await this.settings.send(delivery);
      span.set({ 'http.response.status_code': outcome.status ?? undefined, 'millrace.outcome': outcome.state });
      if (outcome.state !== 'delivered') span.fail(String(outcome.status ?? 'no_answer'));
      return outcome;
    });
  }

  private async deliver(delivery: Delivery): Promise<void> {
    const { deliveries, log } = this.settings;
    const outcome = await this.send(delivery);
    faultPoint('webhook-sent');
    await deliveries.settle(delivery.id, outcome);
    if (outcome.state === 'pending') this.later.push(this.now() + outcome.inMs);
    log.info({ ...outcome, event: delivery.event, attempt: delivery.attempts }, 'A webhook was tried');
  }
}
