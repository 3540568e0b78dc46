import { Inject, Injectable } from '@nestjs/common';
import type { JobResource, TaskResource } from '@millrace/contracts';
import { Failure } from '@millrace/failures';
import { type JobView, type Links, presentJob, presentTask, type Resources, type TaskRow } from '@millrace/job-store';
import { LINKS, RESOURCES } from './tokens';

/** Body of every answer with one resource: compact, `data` its only key (contract §1.3). */
export interface Data<T> {
  readonly data: T;
}

/** Finds resources of an account and shows them. What is missing, malformed or somebody else's is NOT_FOUND, all alike. */
@Injectable()
export class Shown {
  constructor(
    @Inject(RESOURCES) private readonly resources: Resources,
    @Inject(LINKS) private readonly links: Links,
  ) {}

  async findJob(id: string, account: number): Promise<JobView> {
    const found = await this.resources.job(id, account);
    if (!found) throw new Failure('NOT_FOUND', 'The job was not found.');
    return found;
  }

  async findTask(id: string, account: number): Promise<{ task: TaskRow; percent: number | undefined }> {
    const found = await this.resources.task(id, account);
    if (!found) throw new Failure('NOT_FOUND', 'The task was not found.');
    return found;
  }

  async job(id: string, account: number): Promise<Data<JobResource>> {
    const { job, tasks, percents } = await this.findJob(id, account);
    return { data: presentJob(job, tasks, this.links, percents) };
  }

  /** `include`: names separated by commas; `payload` is known, others are ignored (contract §16.7). */
  async task(id: string, account: number, include: unknown = ''): Promise<Data<TaskResource>> {
    const { task, percent } = await this.findTask(id, account);
    const payload = String(include).split(',').includes('payload');
    return { data: presentTask(task, this.links, { payload, ...(percent !== undefined && { percent }) }) };
  }
}
