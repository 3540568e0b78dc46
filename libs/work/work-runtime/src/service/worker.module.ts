import { type DynamicModule, Inject, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Engine } from '@millrace/engine-kit';
import type { EventBus } from '@millrace/event-bus';
import { stopTelemetry } from '@millrace/telemetry';
import type { Worker } from '../worker';

export interface WorkerParts {
  readonly worker: Worker;
  readonly bus: EventBus;
  readonly engines: readonly Engine[];
}

const PARTS = Symbol('worker parts');

/** Pulls and runs from start to shutdown. */
@Module({})
export class WorkerModule implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly stop = new AbortController();
  private working: Promise<void> | undefined;

  constructor(@Inject(PARTS) private readonly parts: WorkerParts) {}

  static register(parts: WorkerParts): DynamicModule {
    return { module: WorkerModule, providers: [{ provide: PARTS, useValue: parts }] };
  }

  onApplicationBootstrap(): void {
    this.working = this.parts.worker.run(this.stop.signal);
  }

  async onApplicationShutdown(): Promise<void> {
    this.stop.abort();
    await this.working;
    await Promise.all(this.parts.engines.map((engine) => engine.close?.()));
    await this.parts.bus.close();
    await stopTelemetry();
  }
}
