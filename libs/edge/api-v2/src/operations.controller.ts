import { Controller, HttpCode, Inject, Post, Req, Res, type Type } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Caller, FromCaller, FromHost, type RequestHost, RequireScope } from '@millrace/access';
import type { TaskResource } from '@millrace/contracts';
import { creatingRequest } from './creating-request';
import { Creator } from './creation';
import { forgetBody } from './http/json-body';
import type { ApiSettings } from './settings';
import type { Data } from './shown';
import { SETTINGS } from './tokens';
import { Answers } from './waiting/answers';

const OPERATION = /^\/v2\/([^?]+?)\/?(?:\?|$)/;

/** A controller with one route for each operation, so that unknown paths and methods are told as everywhere else. */
export function operationsController(operations: readonly string[]): Type<unknown> {
  @Controller('v2')
  class OperationsController {
    constructor(
      private readonly creator: Creator,
      private readonly answers: Answers,
      @Inject(SETTINGS) private readonly settings: ApiSettings,
    ) {}

    /** A standalone task. */
    @Post([...operations])
    @HttpCode(201)
    @RequireScope('task.write')
    async create(
      @Req() request: FastifyRequest,
      @FromCaller() caller: Caller,
      @FromHost() host: RequestHost,
      @Res({ passthrough: true }) reply: FastifyReply,
    ): Promise<Data<TaskResource> | undefined> {
      const operation = OPERATION.exec(request.url)![1]!;
      const { id, view } = await this.creator.createTask(operation, creatingRequest(request, this.settings.limits));
      forgetBody(request);
      return this.answers.task(id, { caller, host, reply, waits: host.role === 'sync', redirect: false, ...(view && { made: view }) });
    }
  }
  return OperationsController;
}
