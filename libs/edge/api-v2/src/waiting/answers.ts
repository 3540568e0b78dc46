import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Caller, RequestHost } from '@millrace/access';
import type { JobResource, TaskResource } from '@millrace/contracts';
import type { JobView, TaskRow } from '@millrace/job-store';
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
  /** What this very request made, as it was made: an upload that it waits for cannot begin before the answer tells where to. */
  readonly made?: JobView;
  readonly include?: unknown;
}

const isUploading = ({ phase }: TaskRow): boolean => phase === 'uploading';

/** Answers with jobs and tasks, at once or when they have ended. Undefined: the client has left, or is redirected. */
@Injectable()
export class Answers {
  constructor(
    private readonly shown: Shown,
    private readonly watcher: EndWatcher,
  ) {}

  /** Throws NOT_FOUND; INVALID_DATA when a redirect has no file to lead to; SERVICE_UNAVAILABLE when this process stops. */
  async job(id: string, { caller, host, reply, waits, redirect, made }: Question): Promise<Data<JobResource> | undefined> {
    const gone = clientGone(reply);
    let view = made ?? (await this.shown.findJob(id, caller.account));
    if (redirect) requireExport(view.tasks.map(({ operation }) => operation));
    if (waits && !made?.tasks.some(isUploading)) {
      if (!(await this.watcher.wait({ id: view.job.id, stream: view.job.id, account: caller.account }, gone))) return undefined;
      view = await this.shown.findJob(id, caller.account);
    }
    const answer = this.shown.job(view, host.links);
    return redirect && redirectToFile(reply, answer.data.status, answer.data.tasks) ? undefined : answer;
  }

  /** As `job`, for one task. */
  async task(id: string, { caller, host, reply, waits, redirect, made, include }: Question): Promise<Data<TaskResource> | undefined> {
    const gone = clientGone(reply);
    const [own] = made?.tasks ?? [];
    let found = own ? { task: own, percent: undefined } : await this.shown.findTask(id, caller.account);
    const { task } = found;
    if (redirect) requireExport([task.operation]);
    if (waits && !(own && isUploading(own))) {
      if (!(await this.watcher.wait({ id: task.id, stream: task.stream, account: caller.account }, gone))) return undefined;
      found = await this.shown.findTask(id, caller.account);
    }
    const answer = await this.shown.task(found, host.links, include);
    return redirect && redirectToFile(reply, answer.data.status, [answer.data]) ? undefined : answer;
  }
}
