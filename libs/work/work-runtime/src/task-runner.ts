import { faultPoint } from '@millrace/config';
import type { ClaimRequest, Invitation, ReportOutcome } from '@millrace/contracts';
import type { Engine } from '@millrace/engine-kit';
import { inSpan, type Span, type SpanAttributes } from '@millrace/telemetry';
import { Heartbeat } from './heartbeat';
import { persist } from './persist';
import type { Clock, Log, Pulled, RunFiles, WorkBus } from './ports';
import { type Go, type StopReason, TaskRun } from './task-run';

export interface TaskRunnerDeps {
  readonly worker: string;
  readonly bus: WorkBus;
  readonly files: RunFiles;
  readonly clock: Clock;
  readonly log: Log;
  readonly newRun: () => string;
  /** Between two beats of a run, ms. Default BEAT_MS. */
  readonly beatMs?: number;
  /** A logger that names the run in each line. */
  readonly logFor: (invitation: Invitation, run: string, job: string | null) => Log;
}

/** Takes one invitation through claim, run and report. */
export class TaskRunner {
  private readonly stops = new Set<(reason: StopReason) => void>();
  private down = false;

  constructor(private readonly deps: TaskRunnerDeps) {}

  /** Stops every run of this process; each reports that it lost its worker and is queued again at once. */
  shutDown(): void {
    this.down = true;
    for (const stop of this.stops) stop('shutdown');
  }

  /** Resolves when the run is over and its report was answered, or the task was somebody else's. */
  async handle(pulled: Pulled, engine: Engine): Promise<void> {
    const { bus, clock, log, worker, newRun } = this.deps;
    const { stream, task, step, attempt, losses } = pulled.invitation;
    const request: ClaimRequest = { stream, task, step, attempt, losses, run: newRun(), worker, engineVersion: engine.version };
    faultPoint('worker-invited');
    // Never given up: a claim of unknown outcome may have made this run the current one.
    const answer = await inSpan('task.claim', { kind: 'client', parent: pulled.invitation.traceparent, attributes: attributesOf(request, engine) }, async (span) => {
      const claimed = await persist('a claim', () => bus.claim(engine.name, request), clock, log);
      span.set({ 'millrace.verdict': claimed?.verdict });
      return claimed;
    });
    if (answer?.verdict === 'go') faultPoint('worker-claimed');
    // Acked after the answer: an invitation lost before it would leave a queued task unseen for 30 s.
    await pulled.ack().catch((error: unknown) => log.warn({ err: error, task }, 'an invitation could not be acked; it will be answered with gone'));
    if (!answer || answer.verdict === 'gone') return;
    const attributes = { ...attributesOf(request, engine), 'millrace.operation': answer.operation };
    await inSpan('task.run', { kind: 'consumer', parent: pulled.invitation.traceparent, attributes }, (span) => this.perform(pulled.invitation, request.run, answer, engine, span));
  }

  private async perform(invitation: Invitation, run: string, go: Go, engine: Engine, span: Span): Promise<void> {
    const { bus, clock, files } = this.deps;
    const { stream, task, step, attempt } = invitation;
    const log = this.deps.logFor(invitation, run, go.job);
    const stopped = new AbortController();
    const over = new AbortController();
    const stop = (reason: StopReason): void => stopped.abort(reason);
    this.stops.add(stop);
    // The answer to its claim came after the shutdown: it is the current run, and hands its task back.
    if (this.down) stop('shutdown');
    const forget = bus.onStop(run, () => stop('unwanted'));
    const heartbeat = new Heartbeat({ stream, task, run }, bus, clock, log, this.deps.beatMs);
    const beating = heartbeat.beat(over.signal, () => stop('unwanted'));
    const timing = clock.sleep(go.remainingMs, over.signal).then(() => over.signal.aborted || stop('deadline'));
    log.info({ operation: go.operation, engine: engine.name, attempt, step }, 'run started');
    const outcome = await new TaskRun(invitation, run, go, engine, files, clock, log, (percent) => heartbeat.progress(percent)).perform(stopped.signal);
    forget();
    tell(span, outcome, stopped.signal);
    faultPoint('worker-stored');
    // The lease goes on while the report waits for its answer: an outage then is not the run's loss.
    if (stopped.signal.reason !== 'unwanted') await this.report({ stream, task, step, attempt, run }, outcome, log);
    over.abort();
    await Promise.all([beating, timing]);
    this.stops.delete(stop);
  }

  private async report(run: { stream: string; task: string; step: number; attempt: number; run: string }, outcome: ReportOutcome, log: Log): Promise<void> {
    const answer = await inSpan('task.report', { kind: 'client', attributes: { 'millrace.outcome': outcome.status } }, () => persist('a report', () => this.deps.bus.report({ ...run, outcome }), this.deps.clock, log));
    faultPoint('worker-reported');
    log.info({ outcome: outcome.status, ...(outcome.status === 'failed' && { code: outcome.code }), verdict: answer?.verdict }, 'run reported');
  }
}

const attributesOf = ({ stream, task, step, attempt, run }: ClaimRequest, { name, version }: Engine): SpanAttributes => ({
  'millrace.job.id': stream,
  'millrace.task.id': task,
  'millrace.step': step,
  'millrace.attempt': attempt,
  'millrace.run.id': run,
  'millrace.engine.name': name,
  'millrace.engine.version': version,
});

/** A run that was cancelled did not fail. */
function tell(span: Span, outcome: ReportOutcome, stopped: AbortSignal): void {
  if (stopped.aborted && stopped.reason === 'unwanted') span.set({ 'millrace.outcome': 'stopped' });
  else span.set({ 'millrace.outcome': outcome.status });
  if (outcome.status === 'failed' && stopped.reason !== 'unwanted') span.fail(outcome.code);
}
