import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { type Caller, FromCaller, FromHost, type RequestHost, RequireScope } from '@millrace/access';
import type { TaskResource } from '@millrace/contracts';
import type { JobCommands } from '@millrace/job-store';
import { Retrier } from './retry';
import { type Data, Shown } from './shown';
import { COMMANDS } from './tokens';
import { Answers } from './waiting/answers';
import { wantsRedirect } from './waiting/redirect';

@Controller('v2/tasks')
export class TasksController {
  constructor(
    private readonly shown: Shown,
    private readonly retrier: Retrier,
    private readonly answers: Answers,
    @Inject(COMMANDS) private readonly commands: JobCommands,
  ) {}

  @Get(':id')
  @RequireScope('task.read')
  show(
    @Param('id') id: string,
    @FromCaller() caller: Caller,
    @FromHost() host: RequestHost,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Query('include') include?: unknown,
    @Query('redirect') redirect?: unknown,
  ): Promise<Data<TaskResource> | undefined> {
    return this.answers.task(id, { caller, host, reply, waits: host.role === 'sync', redirect: wantsRedirect(redirect), include });
  }

  /** What the sync host does, on every host. */
  @Get(':id/wait')
  @RequireScope('task.read')
  wait(
    @Param('id') id: string,
    @FromCaller() caller: Caller,
    @FromHost() host: RequestHost,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Query('include') include?: unknown,
    @Query('redirect') redirect?: unknown,
  ): Promise<Data<TaskResource> | undefined> {
    return this.answers.task(id, { caller, host, reply, waits: true, redirect: wantsRedirect(redirect), include });
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @RequireScope('task.write')
  async cancel(@Param('id') id: string, @FromCaller() caller: Caller, @FromHost() host: RequestHost): Promise<Data<TaskResource>> {
    const { task } = await this.shown.findTask(id, caller.account);
    await this.commands.cancelTask(task.stream, task.id);
    return this.shown.task(await this.shown.findTask(id, caller.account), host.links);
  }

  @Post(':id/retry')
  @HttpCode(201)
  @RequireScope('task.write')
  async retry(@Param('id') id: string, @FromCaller() caller: Caller, @FromHost() host: RequestHost): Promise<Data<TaskResource>> {
    const { task } = await this.shown.findTask(id, caller.account);
    const [made] = (await this.retrier.retry(task, caller)).tasks;
    return this.shown.task({ task: made!, percent: undefined }, host.links);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequireScope('task.write')
  async remove(@Param('id') id: string, @FromCaller() caller: Caller): Promise<void> {
    const { task } = await this.shown.findTask(id, caller.account);
    await this.commands.deleteTask(task.stream, task.id);
  }
}
