import { type BeforeApplicationShutdown, type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { Stores } from '@millrace/access';
import { type Catalog, createCatalog } from '@millrace/catalog';
import { systemClock } from '@millrace/config';
import { viewOf } from '@millrace/job-store';
import { type Logger, stopTelemetry } from '@millrace/telemetry';
import { Creator, type View } from './creation';
import { HealthController } from './health.controller';
import { JobsController } from './jobs.controller';
import { JobListController } from './lists/job-list.controller';
import { TaskListController } from './lists/task-list.controller';
import { operationsController } from './operations.controller';
import { OperationListing } from './operations/listing';
import { ListingController } from './operations/listing.controller';
import { LiveEngineView } from './operations/live-engines';
import { Planner } from './planning/planner';
import { RequestContents } from './planning/request-content';
import { Retrier } from './retry';
import type { ApiSettings } from './settings';
import { Shown } from './shown';
import { TasksController } from './tasks.controller';
import { COMMANDS, LISTS, RESOURCES, SETTINGS, STORES } from './tokens';
import { UsersController } from './users.controller';
import { Answers } from './waiting/answers';
import { EndWatcher } from './waiting/end-watcher';

const providersOf = (stores: Stores, settings: ApiSettings, catalog: Catalog, log: Logger) => {
  const { resources, orchestration } = stores.jobs;
  const planner = new Planner(catalog, resources, settings.masterKey);
  const view: View = (state) => viewOf(state, stores.jobs.rules);
  const contents = new RequestContents(stores.blobs, settings.limits.contentBytes);
  return [
    { provide: RESOURCES, useValue: resources },
    { provide: LISTS, useValue: stores.jobs.lists },
    { provide: COMMANDS, useValue: stores.commands },
    { provide: SETTINGS, useValue: settings },
    { provide: STORES, useValue: stores },
    { provide: Creator, useValue: new Creator(planner, contents, stores.commands, resources, settings, view) },
    { provide: Retrier, useValue: new Retrier(catalog, stores.commands, resources, orchestration, settings, view) },
    { provide: OperationListing, useValue: new OperationListing(catalog) },
    { provide: LiveEngineView, useValue: new LiveEngineView(orchestration, systemClock.now) },
    { provide: EndWatcher, useValue: new EndWatcher(stores.bus, resources, log) },
    Shown,
    Answers,
  ];
};

/** The v2 API and the health endpoints. */
@Module({})
export class ApiV2Module implements BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(
    private readonly watcher: EndWatcher,
    @Inject(STORES) private readonly stores: Stores,
  ) {}

  static register({ stores, settings, log }: { stores: Stores; settings: ApiSettings; log: Logger }): DynamicModule {
    const catalog = createCatalog({ faultEngine: settings.faultEngine });
    const operations = catalog.operations().map(({ operation }) => operation);
    return {
      module: ApiV2Module,
      controllers: [JobListController, JobsController, TaskListController, TasksController, UsersController, ListingController, operationsController(operations), HealthController],
      providers: providersOf(stores, settings, catalog, log),
    };
  }

  /** Before the server stops: it waits for its requests, and they wait for jobs. */
  beforeApplicationShutdown(): void {
    this.watcher.close();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.stores.close();
    await stopTelemetry();
  }
}
