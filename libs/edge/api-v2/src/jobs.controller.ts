import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Caller, FromCaller, FromHost, type RequestHost, RequireScope } from '@millrace/access';
import type { JobResource } from '@millrace/contracts';
import type { JobCommands } from '@millrace/job-store';
import { creatingRequest } from './creating-request';
import { Creator } from './creation';
import { forgetBody } from './http/json-body';
import { fieldOf, operationsIn } from './planning/request-bodies';
import type { ApiSettings } from './settings';
import { type Data, Shown } from './shown';
import { COMMANDS, SETTINGS } from './tokens';
import { Answers } from './waiting/answers';
import { requireExport, wantsRedirect } from './waiting/redirect';

@Controller('v2/jobs')
export class JobsController {
  constructor(
    private readonly creator: Creator,
    private readonly shown: Shown,
    private readonly answers: Answers,
    @Inject(COMMANDS) private readonly commands: JobCommands,
    @Inject(SETTINGS) private readonly settings: ApiSettings,
  ) {}

  @Post()
  @HttpCode(201)
  @RequireScope('task.write')
  async create(
    @Req() request: FastifyRequest,
    @FromCaller() caller: Caller,
    @FromHost() host: RequestHost,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Data<JobResource> | undefined> {
    const waits = host.role === 'sync';
    const redirect = waits && wantsRedirect(fieldOf(request.body, 'redirect'));
    if (redirect) requireExport(operationsIn(request.body));
    const { id, view } = await this.creator.createJob(creatingRequest(request, this.settings.limits));
    forgetBody(request);
    return this.answers.job(id, { caller, host, reply, waits, redirect, ...(view && { made: view }) });
  }

  @Get(':id')
  @RequireScope('task.read')
  show(
    @Param('id') id: string,
    @FromCaller() caller: Caller,
    @FromHost() host: RequestHost,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Query('redirect') redirect?: unknown,
  ): Promise<Data<JobResource> | undefined> {
    return this.answers.job(id, { caller, host, reply, waits: host.role === 'sync', redirect: wantsRedirect(redirect) });
  }

  /** What the sync host does, on every host. */
  @Get(':id/wait')
  @RequireScope('task.read')
  wait(
    @Param('id') id: string,
    @FromCaller() caller: Caller,
    @FromHost() host: RequestHost,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Query('redirect') redirect?: unknown,
  ): Promise<Data<JobResource> | undefined> {
    return this.answers.job(id, { caller, host, reply, waits: true, redirect: wantsRedirect(redirect) });
  }

  @Delete(':id')
  @HttpCode(204)
  @RequireScope('task.write')
  async remove(@Param('id') id: string, @FromCaller() caller: Caller): Promise<void> {
    const { job } = await this.shown.findJob(id, caller.account);
    await this.commands.deleteJob(job.id);
  }
}
