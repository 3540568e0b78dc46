import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { type Caller, FromCaller, RequireScope } from '@millrace/access';
import type { TaskResource } from '@millrace/contracts';
import type { JobCommands } from '@millrace/job-store';
import { Retrier } from './retry';
import { type Data, Shown } from './shown';
import { COMMANDS } from './tokens';
import { clientGone } from './waiting/client-gone';
import { EndWatcher } from './waiting/end-watcher';

@Controller('v2/tasks')
export class TasksController {
  constructor(
    private readonly shown: Shown,
    private readonly retrier: Retrier,
    private readonly watcher: EndWatcher,
    @Inject(COMMANDS) private readonly commands: JobCommands,
  ) {}

  @Get(':id')
  @RequireScope('task.read')
  show(@Param('id') id: string, @FromCaller() caller: Caller, @Query('include') include?: unknown): Promise<Data<TaskResource>> {
    return this.shown.task(id, caller.account, include);
  }

  /** Answers once the task has ended, however long that takes. */
  @Get(':id/wait')
  @RequireScope('task.read')
  async wait(
    @Param('id') id: string,
    @FromCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Query('include') include?: unknown,
  ): Promise<Data<TaskResource> | undefined> {
    const gone = clientGone(reply);
    const { task } = await this.shown.findTask(id, caller.account);
    if (!(await this.watcher.wait({ id: task.id, stream: task.stream, account: caller.account }, gone))) return undefined;
    return this.shown.task(id, caller.account, include);
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @RequireScope('task.write')
  async cancel(@Param('id') id: string, @FromCaller() caller: Caller): Promise<Data<TaskResource>> {
    const { task } = await this.shown.findTask(id, caller.account);
    await this.commands.cancelTask(task.stream, task.id);
    return this.shown.task(id, caller.account);
  }

  @Post(':id/retry')
  @HttpCode(201)
  @RequireScope('task.write')
  async retry(@Param('id') id: string, @FromCaller() caller: Caller): Promise<Data<TaskResource>> {
    const { task } = await this.shown.findTask(id, caller.account);
    return this.shown.task(await this.retrier.retry(task, caller), caller.account);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequireScope('task.write')
  async remove(@Param('id') id: string, @FromCaller() caller: Caller): Promise<void> {
    const { task } = await this.shown.findTask(id, caller.account);
    await this.commands.deleteTask(task.stream, task.id);
  }
}
