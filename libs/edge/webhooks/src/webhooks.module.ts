import { type DynamicModule, Inject, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { systemClock } from '@millrace/config';
import { createDatabase, type Database, requireSchema } from '@millrace/database';
import { connectBus, type EventBus, inboxPrefix } from '@millrace/event-bus';
import { WebhookDeliveries } from '@millrace/job-store';
import { createSafeFetch } from '@millrace/safe-fetch';
import { type Logger, stopTelemetry } from '@millrace/telemetry';
import { WebhookDispatch } from './dispatch';
import { send } from './send';

export interface WebhookSettings {
  readonly databaseUrl: string;
  readonly nats: { readonly url: string; readonly user?: string; readonly password?: string };
  /** Hosts, host:port, addresses or CIDRs that may be reached although private. */
  readonly allow: readonly string[];
  /** In the same forms: this installation itself, which is never told of its own events. */
  readonly own: readonly string[];
  readonly retryWaitsMs: readonly number[];
  readonly log: Logger;
}

/** What a dispatcher process is made of. */
export interface WebhookParts {
  readonly database: Database;
  readonly bus: EventBus;
  readonly dispatch: WebhookDispatch;
}

/** Builds them; refuses an older schema. */
export async function openWebhooks({ databaseUrl, nats, allow, own, retryWaitsMs, log }: WebhookSettings): Promise<WebhookParts> {
  const database = createDatabase({ url: databaseUrl, applicationName: 'webhook-dispatcher' });
  await requireSchema(database.kysely);
  const bus = await connectBus({ ...nats, name: 'webhook-dispatcher', inboxPrefix: inboxPrefix('webhooks'), log });
  const safeFetch = createSafeFetch({ allow: [...allow], deny: [...own] });
  const dispatch = new WebhookDispatch({
    deliveries: new WebhookDeliveries(database),
    send: (delivery) => send(delivery, { safeFetch, retryWaitsMs }),
    sleep: systemClock.sleep,
    log,
  });
  return { database, bus, dispatch };
}

const PARTS = Symbol('webhook parts');

/** Sends deliveries from start to shutdown. */
@Module({})
export class WebhooksModule implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly stop = new AbortController();
  private running: Promise<void> | undefined;

  constructor(@Inject(PARTS) private readonly parts: WebhookParts) {}

  static register(parts: WebhookParts): DynamicModule {
    return { module: WebhooksModule, providers: [{ provide: PARTS, useValue: parts }] };
  }

  onApplicationBootstrap(): void {
    const { bus, dispatch } = this.parts;
    // What JetStream stores is an ordinary message to whoever listens; a lost one costs a poll.
    for (const type of ['JobFinished', 'JobFailed']) bus.subscribe(`events.${type}.>`, () => dispatch.wake());
    this.running = dispatch.run(this.stop.signal);
  }

  async onApplicationShutdown(): Promise<void> {
    this.stop.abort();
    await this.running;
    await this.parts.bus.close();
    await this.parts.database.close();
    await stopTelemetry();
  }
}
