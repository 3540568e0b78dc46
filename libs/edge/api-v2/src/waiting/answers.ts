import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Caller, RequestHost } from '@millrace/access';
import type { JobResource, TaskResource } from '@millrace/contracts';
import { type Data, Shown } from '../shown';
import { clientGone } from './client-gone';
import { EndWatcher } from './end-watcher';
import { redirectToFile, requireExport } from './redirect';

/** How a job or task is asked for. */
export interface Question {
  readonly caller: Caller;
  readonly host: RequestHost;
  readonly reply: FastifyReply;
  /** Answer once it has ended, however long that takes. */
  readonly waits: boolean;
  /** Answer with a redirect to the exported file. */
  readonly redirect: boolean;
  /** It was made by this very request: an upload that it waits for cannot begin before the answer tells where to. */
  readonly isNew?: boolean;
  readonly include?: unknown;
}

/** Answers with jobs and tasks, at once or when they have ended. Undefined: the client has left, or is redirected. */
@Injectable()
export class Answers {
  constructor(
    private readonly shown: Shown,
    private readonly watcher: EndWatcher,
  ) {}

  /** Throws NOT_FOUND; INVALID_DATA when a redirect has no file to lead to; SERVICE_UNAVAILABLE when this process stops. */
  async job(id: string, { caller, host, reply, waits, redirect, isNew = false }: Question): Promise<Data<JobResource> | undefined> {
    const gone = clientGone(reply);
    const { job, tasks } = await this.shown.findJob(id, caller.account);
    if (redirect) requireExport(tasks.map(({ operation }) => operation));
    const canEnd = !(isNew && tasks.some(({ phase }) => phase === 'uploading'));
    if (waits && canEnd && !(await this.watcher.wait({ id: job.id, stream: job.id, account: caller.account }, gone))) return undefined;
    const answer = await this.shown.job(id, caller.account, host.links);
    return redirect && redirectToFile(reply, answer.data.status, answer.data.tasks) ? undefined : answer;
  }

  /** As `job`, for one task. */
  async task(id: string, { caller, host, reply, waits, redirect, isNew = false, include }: Question): Promise<Data<TaskResource> | undefined> {
    const gone = clientGone(reply);
    const { task } = await this.shown.findTask(id, caller.account);
    if (redirect) requireExport([task.operation]);
    const canEnd = !(isNew && task.phase === 'uploading');
    if (waits && canEnd && !(await this.watcher.wait({ id: task.id, stream: task.stream, account: caller.account }, gone))) return undefined;
    const answer = await this.shown.task(id, caller.account, host.links, include);
    return redirect && redirectToFile(reply, answer.data.status, [answer.data]) ? undefined : answer;
  }
}
