import { randomUUID } from 'node:crypto';
import type { Caller } from '@millrace/access';
import { Failure, isFailure } from '@millrace/failures';
import { type Creation, type Executed, IdempotencyKeyInUse, type JobCommands, type JobView, type Resources } from '@millrace/job-store';
import { currentTrace } from '@millrace/telemetry';
import type { Planned, Planner } from './planning/planner';
import { operationsIn, readJobBody, readTaskBody } from './planning/request-bodies';
import type { RequestContents } from './planning/request-content';
import type { ApiSettings } from './settings';

/** Priority of tasks where accounts have none of their own; contract §4.2. */
export const PRIORITY = 50;

/** A request that makes something. */
export interface CreatingRequest {
  readonly caller: Caller;
  readonly body: unknown;
  /** SHA-256 hex of path and body as they came. */
  readonly bodyHash: string;
  readonly idempotencyKey: string | undefined;
  /** Throws PAYLOAD_TOO_LARGE when the body is larger than one without content may be. */
  readonly refuseLarge: () => void;
}

const sameKey = (found: { job: string; bodyHash: string }, bodyHash: string): string => {
  if (found.bodyHash === bodyHash) return found.job;
  throw new Failure('INVALID_DATA', 'The given data was invalid.', { errors: { 'Idempotency-Key': ['The key was used with another request.'] } });
};

/** What a request made; without a view when an earlier request with its key had made it. */
export interface Made {
  readonly id: string;
  readonly view?: JobView;
}

/** Shows a state: `viewOf` with the rules of this installation. */
export type View = (state: NonNullable<Executed['state']>) => JobView;

/** Makes jobs and standalone tasks; answers them as they were made: a worker may begin before anybody could read them again. */
export class Creator {
  constructor(
    private readonly planner: Planner,
    private readonly contents: RequestContents,
    private readonly commands: Pick<JobCommands, 'create'>,
    private readonly resources: Pick<Resources, 'idempotent'>,
    private readonly settings: Pick<ApiSettings, 'region' | 'limits'>,
    private readonly view: View,
  ) {}

  /** Throws INVALID_DATA, INVALID_CONVERSION_TYPE, PAYLOAD_TOO_LARGE; SERVICE_UNAVAILABLE when nothing could be appended. */
  createJob(request: CreatingRequest): Promise<Made> {
    return this.once(request, async () => {
      if (!this.planner.carriesContent(operationsIn(request.body))) request.refuseLarge();
      const { tasks, tag, webhook_url: webhookUrl } = readJobBody(request.body, this.settings.limits.tasksPerJob);
      const planned = await this.planner.planJob(tasks, request.caller.account);
      return this.append({ id: randomUUID(), kind: 'job', tag, webhookUrl }, planned, request);
    });
  }

  /** As `createJob`, for one task by itself. */
  createTask(operation: string, request: CreatingRequest): Promise<Made> {
    return this.once(request, async () => {
      if (!this.planner.carriesContent([operation])) request.refuseLarge();
      const body = readTaskBody(operation, request.body);
      const id = randomUUID();
      return this.append({ id, kind: 'task', tag: null, webhookUrl: null }, await this.planner.planTask(id, body, request.caller.account), request);
    });
  }

  /** A request whose key is known makes nothing new; of two at once, the database lets one win and the other answers with it. */
  private async once({ caller, idempotencyKey, bodyHash }: CreatingRequest, create: () => Promise<Made>): Promise<Made> {
    if (idempotencyKey === undefined) return create();
    const known = await this.resources.idempotent(caller.account, idempotencyKey);
    if (known) return { id: sameKey(known, bodyHash) };
    try {
      return await create();
    } catch (error) {
      if (!(error instanceof IdempotencyKeyInUse)) throw error;
      const winner = await this.resources.idempotent(caller.account, idempotencyKey);
      if (!winner) throw new Failure('SERVICE_UNAVAILABLE', 'The request is being repeated. Please retry.', { cause: error });
      return { id: sameKey(winner, bodyHash) };
    }
  }

  private async append(head: Pick<Creation, 'id' | 'kind' | 'tag' | 'webhookUrl'>, planned: Planned, request: CreatingRequest): Promise<Made> {
    const { caller, idempotencyKey, bodyHash } = request;
    const tasks = await this.contents.store(planned.tasks, planned.contents);
    try {
      const { state } = await this.commands.create({
        ...head,
        account: caller.account,
        apiKey: caller.apiKey,
        region: this.settings.region,
        priority: PRIORITY,
        trace: currentTrace()?.traceparent ?? null,
        tasks,
        ...(planned.wrappedKey !== undefined && { wrappedKey: planned.wrappedKey }),
        ...(idempotencyKey !== undefined && { idempotency: { key: idempotencyKey, bodyHash } }),
      });
      return { id: head.id, view: this.view(state!) };
    } catch (error) {
      // Only a refusal proves that the log does not name the content.
      if (error instanceof IdempotencyKeyInUse || (isFailure(error) && error.class === 'request')) await this.contents.remove(tasks);
      throw error;
    }
  }
}
