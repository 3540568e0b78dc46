import { type DynamicModule, Inject, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { poolAnnouncement, SUBJECTS } from '@millrace/contracts';
import { systemClock } from '@millrace/config';
import { stopTelemetry } from '@millrace/telemetry';
import { LeaderLoop, type Role } from '../leader-loop';
import type { OrchestrationParts } from './parts';
import { PARTS, RequestsController } from './requests.controller';
import { blobSweepRole, dispatcherRole, relayRole, sweeperRole } from './roles';

/** Answers the workers, and leads what it can lead. */
@Module({})
export class OrchestrationModule implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly stop = new AbortController();
  private readonly running: Promise<void>[] = [];
  private readonly subscriptions: { stop(): void }[] = [];

  constructor(@Inject(PARTS) private readonly parts: OrchestrationParts) {}

  static register(parts: OrchestrationParts): DynamicModule {
    return { module: OrchestrationModule, controllers: [RequestsController], providers: [{ provide: PARTS, useValue: parts }] };
  }

  onApplicationBootstrap(): void {
    const { parts } = this;
    const { bus, jobs, log, instance } = parts;
    const loopOf = (role: Role): LeaderLoop => new LeaderLoop(role, jobs.leadership, instance, systemClock, log);
    const hinted = [dispatcherRole(parts), relayRole(parts), sweeperRole(parts)].map(loopOf);
    this.running.push(...[...hinted, loopOf(blobSweepRole(parts))].map((loop) => loop.run(this.stop.signal)));
    this.subscriptions.push(
      bus.subscribe(SUBJECTS.nudge, () => hinted.forEach((loop) => loop.wake())),
      bus.subscribe(SUBJECTS.announce, (payload) => jobs.orchestration.announce(poolAnnouncement.parse(payload)), { queue: 'orchestrator' }),
    );
  }

  async onApplicationShutdown(): Promise<void> {
    this.subscriptions.forEach((subscription) => subscription.stop());
    this.stop.abort();
    await Promise.all(this.running);
    await this.parts.close();
    await stopTelemetry();
  }
}
