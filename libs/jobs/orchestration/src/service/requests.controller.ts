import { Controller, Inject } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import {
  type BeatAnswer,
  beatRequest,
  type ClaimAnswer,
  claimRequest,
  type LogReadAnswer,
  logReadRequest,
  type ReportAnswer,
  reportRequest,
  SUBJECTS,
} from '@millrace/contracts';
import { Failure } from '@millrace/failures';
import { inSpan, withLogFields } from '@millrace/telemetry';
import type { z } from 'zod';
import { factOf } from '../relay';
import type { OrchestrationParts } from './parts';

export const PARTS = Symbol('orchestration parts');
const QUEUE = { queue: 'orchestrator' };
/** All of these requests may be done twice: who is second finds it in the log. */
const EVERYONE = { queue: null };

/** The answering side of a request, with what its log lines and its span name. */
const traced = <T>(name: string, { stream, task, attempt, run }: { stream: string; task: string; attempt: number; run: string }, work: () => Promise<T>): Promise<T> =>
  withLogFields({ job_id: stream, task_id: task }, () =>
    inSpan(name, { kind: 'server', attributes: { 'millrace.job.id': stream, 'millrace.task.id': task, 'millrace.attempt': attempt, 'millrace.run.id': run } }, work),
  );

function parsed<T extends z.ZodType>(schema: T, payload: unknown): z.output<T> {
  const result = schema.safeParse(payload);
  if (!result.success) throw new Failure('INVALID_DATA', 'The request is not of the contract', { cause: result.error });
  return result.data;
}

/** The requests of workers and consumers. */
@Controller()
export class RequestsController {
  constructor(@Inject(PARTS) private readonly parts: OrchestrationParts) {}

  @MessagePattern(SUBJECTS.claimAny, QUEUE)
  claim(@Payload() payload: unknown): Promise<ClaimAnswer> {
    const request = parsed(claimRequest, payload);
    return traced('task.claim', request, () => this.parts.claims.claim(request));
  }

  @MessagePattern(SUBJECTS.beat, QUEUE)
  beat(@Payload() payload: unknown): Promise<BeatAnswer> {
    return this.parts.claims.beat(parsed(beatRequest, payload));
  }

  @MessagePattern(SUBJECTS.report, QUEUE)
  report(@Payload() payload: unknown): Promise<ReportAnswer> {
    const request = parsed(reportRequest, payload);
    return traced('task.report', request, () => this.parts.reports.report(request));
  }

  @MessagePattern(SUBJECTS.again(SUBJECTS.claimAny), EVERYONE)
  claimAgain(@Payload() payload: unknown): Promise<ClaimAnswer> {
    return this.claim(payload);
  }

  @MessagePattern(SUBJECTS.again(SUBJECTS.beat), EVERYONE)
  beatAgain(@Payload() payload: unknown): Promise<BeatAnswer> {
    return this.beat(payload);
  }

  @MessagePattern(SUBJECTS.again(SUBJECTS.report), EVERYONE)
  reportAgain(@Payload() payload: unknown): Promise<ReportAnswer> {
    return this.report(payload);
  }

  /** Facts after a position, in order, for consumers that have to catch up. `position` is where to read on from. */
  @MessagePattern(SUBJECTS.logRead, QUEUE)
  async read(@Payload() payload: unknown): Promise<LogReadAnswer> {
    const { after, limit } = parsed(logReadRequest, payload);
    const page = await this.parts.history.read(after, limit);
    if (page === 'busy') throw new Failure('SERVICE_UNAVAILABLE', 'The log is busy: ask again');
    return { facts: page.events.flatMap((event) => factOf(event) ?? []), position: page.position };
  }
}
