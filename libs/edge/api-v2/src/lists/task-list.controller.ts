import { Controller, Get, Inject, Query } from '@nestjs/common';
import { type Caller, FromCaller, FromHost, type RequestHost, RequireScope } from '@millrace/access';
import { type ListBody, taskListQuery, type TaskResource } from '@millrace/contracts';
import { presentTask, type ResourceLists } from '@millrace/job-store';
import { LISTS } from '../tokens';
import { includeOf } from './include';
import { includedIn } from './included';
import { listBody, readQuery, sliceOf } from './page';

/** `GET /v2/tasks`: the account's tasks, of jobs and standalone ones, the newest first (contract §4.1). */
@Controller('v2/tasks')
export class TaskListController {
  constructor(@Inject(LISTS) private readonly lists: ResourceLists) {}

  @Get()
  @RequireScope('task.read')
  async list(@FromCaller() { account }: Caller, @FromHost() { links }: RequestHost, @Query() asked: Record<string, unknown>): Promise<ListBody<TaskResource>> {
    const { lists } = this;
    const query = readQuery(taskListQuery, asked);
    const filter = { status: query['filter[status]'], job: query['filter[job_id]'], operation: query['filter[operation]'] };
    const found = await lists.tasks(account, filter, sliceOf(query));
    const tasks = found.slice(0, query.per_page);
    const include = includeOf(asked);
    const included = await includedIn(tasks.map(({ task }) => task), include, { account, lists, links });
    const shown = tasks.map(({ task, percent }) => presentTask(task, links, { percent, payload: include.has('payload'), included: included(task) }));
    return listBody(shown, found.length > tasks.length, query, `${links.publicUrl}/v2/tasks`, asked);
  }
}
