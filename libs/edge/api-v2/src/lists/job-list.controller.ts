import { Controller, Get, Inject, Query } from '@nestjs/common';
import { type Caller, FromCaller, FromHost, type RequestHost, RequireScope } from '@millrace/access';
import { type JobResource, type JobSummary, jobListQuery, type ListBody } from '@millrace/contracts';
import { type JobRow, type Links, presentJob, presentJobSummary, type ResourceLists } from '@millrace/job-store';
import { LISTS } from '../tokens';
import { grouped } from './grouped';
import { includeOf } from './include';
import { MOST_INCLUDED, refuseTooMany } from './included';
import { listBody, readQuery, sliceOf } from './page';

/** `GET /v2/jobs`: the account's jobs, the newest first (contract §3.1). */
@Controller('v2/jobs')
export class JobListController {
  constructor(@Inject(LISTS) private readonly lists: ResourceLists) {}

  @Get()
  @RequireScope('task.read')
  async list(@FromCaller() { account }: Caller, @FromHost() { links }: RequestHost, @Query() asked: Record<string, unknown>): Promise<ListBody<JobSummary | JobResource>> {
    const query = readQuery(jobListQuery, asked);
    const filter = { status: query['filter[status]'], tag: query['filter[tag]'], apiKey: query['filter[access_token]'] };
    const found = await this.lists.jobs(account, filter, sliceOf(query));
    const jobs = found.slice(0, query.per_page);
    const shown = includeOf(asked).has('tasks') ? await this.withTasks(jobs, account, links) : jobs.map((job) => presentJobSummary(job, links));
    return listBody(shown, found.length > jobs.length, query, `${links.publicUrl}/v2/jobs`, asked);
  }

  private async withTasks(jobs: readonly JobRow[], account: number, links: Links): Promise<JobResource[]> {
    const tasks = await this.lists.tasksOfJobs(account, jobs.map(({ id }) => id), MOST_INCLUDED + 1);
    refuseTooMany(tasks.length);
    const percents = new Map(tasks.flatMap(({ task, percent }) => (percent === undefined ? [] : [[task.id, percent] as const])));
    const byJob = grouped(tasks, ({ task }) => task.stream);
    return jobs.map((job) => presentJob(job, (byJob.get(job.id) ?? []).map(({ task }) => task), links, percents));
  }
}
