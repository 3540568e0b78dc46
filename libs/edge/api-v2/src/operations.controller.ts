import { Controller, HttpCode, Inject, Post, Req, type Type } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { type Caller, FromCaller, RequireScope } from '@millrace/access';
import type { TaskResource } from '@millrace/contracts';
import { creatingRequest } from './creating-request';
import { Creator } from './creation';
import type { ApiSettings } from './settings';
import { type Data, Shown } from './shown';
import { SETTINGS } from './tokens';

const OPERATION = /^\/v2\/([^?]+?)\/?(?:\?|$)/;

/** A controller with one route for each operation, so that unknown paths and methods are told as everywhere else. */
export function operationsController(operations: readonly string[]): Type<unknown> {
  @Controller('v2')
  class OperationsController {
    constructor(
      private readonly creator: Creator,
      private readonly shown: Shown,
      @Inject(SETTINGS) private readonly settings: ApiSettings,
    ) {}

    /** A standalone task. */
    @Post([...operations])
    @HttpCode(201)
    @RequireScope('task.write')
    async create(@Req() request: FastifyRequest, @FromCaller() caller: Caller): Promise<Data<TaskResource>> {
      const operation = OPERATION.exec(request.url)![1]!;
      const id = await this.creator.createTask(operation, creatingRequest(request, this.settings.limits));
      return this.shown.task(id, caller.account);
    }
  }
  return OperationsController;
}
