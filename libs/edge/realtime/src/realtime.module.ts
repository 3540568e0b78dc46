import { type BeforeApplicationShutdown, type DynamicModule, Module } from '@nestjs/common';
import { KeyCache, type Stores } from '@millrace/access';
import type { Logger } from '@millrace/telemetry';
import { Feeds } from './feeds';
import { Realtime } from './realtime';

export interface RealtimeParts {
  readonly stores: Pick<Stores, 'accounts' | 'bus' | 'hosts' | 'jobs'>;
  readonly log: Logger;
}

/** Events of jobs and tasks over socket.io. Whoever opens the ports attaches `Realtime` to each server. */
@Module({})
export class RealtimeModule implements BeforeApplicationShutdown {
  constructor(private readonly realtime: Realtime) {}

  static register({ stores, log }: RealtimeParts): DynamicModule {
    const { resources } = stores.jobs;
    const feeds = new Feeds(stores.bus, resources, log);
    const realtime = new Realtime({ feeds, keys: new KeyCache(stores.accounts), resources, log }, stores.hosts, () => feeds.close());
    return { module: RealtimeModule, providers: [{ provide: Realtime, useValue: realtime }], exports: [Realtime] };
  }

  beforeApplicationShutdown(): void {
    this.realtime.close();
  }
}
