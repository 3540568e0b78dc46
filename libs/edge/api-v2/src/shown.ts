import { Inject, Injectable } from '@nestjs/common';
import type { JobResource, TaskResource } from '@millrace/contracts';
import { Failure } from '@millrace/failures';
import { type JobView, type Links, presentJob, presentTask, type ResourceLists, type Resources, type TaskNow } from '@millrace/job-store';
import { includeOf } from './lists/include';
import { includedIn } from './lists/included';
import { LISTS, RESOURCES } from './tokens';

/** Body of every answer with one resource: compact, `data` its only key (contract §1.3). */
export interface Data<T> {
  readonly data: T;
}

/** Finds resources of an account and shows them. What is missing, malformed or somebody else's is NOT_FOUND, all alike. */
@Injectable()
export class Shown {
  constructor(
    @Inject(RESOURCES) private readonly resources: Resources,
    @Inject(LISTS) private readonly lists: ResourceLists,
  ) {}

  async findJob(id: string, account: number): Promise<JobView> {
    const found = await this.resources.job(id, account);
    if (!found) throw new Failure('NOT_FOUND', 'The job was not found.');
    return found;
  }

  async findTask(id: string, account: number): Promise<TaskNow> {
    const found = await this.resources.task(id, account);
    if (!found) throw new Failure('NOT_FOUND', 'The task was not found.');
    return found;
  }

  job({ job, tasks, percents }: JobView, links: Links): Data<JobResource> {
    return { data: presentJob(job, tasks, links, percents) };
  }

  /** `include`: names separated by commas, of `payload`, `depends_on_tasks`, `retries` and `job`; others are ignored (contract §16.7). */
  async task({ task, percent }: TaskNow, links: Links, include: unknown = ''): Promise<Data<TaskResource>> {
    const { lists } = this;
    const { account } = task;
    const names = includeOf({ include });
    const included = await includedIn([task], names, { account, lists, links });
    return { data: presentTask(task, links, { percent, payload: names.has('payload'), included: included(task) }) };
  }
}
