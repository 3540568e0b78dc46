import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Caller, FromCaller, RequireScope } from '@millrace/access';
import type { JobResource } from '@millrace/contracts';
import type { JobCommands } from '@millrace/job-store';
import { creatingRequest } from './creating-request';
import { Creator } from './creation';
import type { ApiSettings } from './settings';
import { type Data, Shown } from './shown';
import { COMMANDS, SETTINGS } from './tokens';
import { clientGone } from './waiting/client-gone';
import { EndWatcher } from './waiting/end-watcher';

@Controller('v2/jobs')
export class JobsController {
  constructor(
    private readonly creator: Creator,
    private readonly shown: Shown,
    private readonly watcher: EndWatcher,
    @Inject(COMMANDS) private readonly commands: JobCommands,
    @Inject(SETTINGS) private readonly settings: ApiSettings,
  ) {}

  @Post()
  @HttpCode(201)
  @RequireScope('task.write')
  async create(@Req() request: FastifyRequest, @FromCaller() caller: Caller): Promise<Data<JobResource>> {
    const id = await this.creator.createJob(creatingRequest(request, this.settings.limits));
    return this.shown.job(id, caller.account);
  }

  @Get(':id')
  @RequireScope('task.read')
  show(@Param('id') id: string, @FromCaller() caller: Caller): Promise<Data<JobResource>> {
    return this.shown.job(id, caller.account);
  }

  /** Answers once the job has ended, however long that takes. */
  @Get(':id/wait')
  @RequireScope('task.read')
  async wait(@Param('id') id: string, @FromCaller() caller: Caller, @Res({ passthrough: true }) reply: FastifyReply): Promise<Data<JobResource> | undefined> {
    const gone = clientGone(reply);
    const { job } = await this.shown.findJob(id, caller.account);
    if (!(await this.watcher.wait({ id: job.id, stream: job.id, account: caller.account }, gone))) return undefined;
    return this.shown.job(id, caller.account);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequireScope('task.write')
  async remove(@Param('id') id: string, @FromCaller() caller: Caller): Promise<void> {
    const { job } = await this.shown.findJob(id, caller.account);
    await this.commands.deleteJob(job.id);
  }
}
