import { ERROR_CODES, type Fact, type JobEvent } from '@millrace/contracts';
import { hasEnded, type JobState, readiness, stoppedRuns, tasksOf, timersOf } from '@millrace/job-domain';
import type { Commit } from '@millrace/job-store';
import type { FactHeaders } from '@millrace/orchestration';
import { type MemoryLog, type MemoryStream, timerKey } from './memory-log';
import type { MemoryBus } from './memory-bus';
import type { SimProcess } from './process';
import type { World } from './world';

/** A process that stood still was not heard meanwhile; its runs may be lost until it was heard again. Ms. */
const THAWED_MS = 30_000;
/** An engine ends so long after its run was stopped at most, when nothing is broken: a beat, and its repeats. Ms. */
const STOPPED_MS = 15_000;
/** What may still come when a job has ended. */
const AFTERLIFE = new Set<JobEvent['type']>(['TaskDeleted', 'JobDeleted', 'FilesExpired']);

/** The rules of the house, looked at after each step that may break them. */
export class Checks {
  /** Which process sent the claim of a run. */
  readonly owners = new Map<string, SimProcess>();
  readonly blobs = new Set<string>();
  /** Tasks and jobs whose cancellation or deletion was answered. */
  readonly over = new Set<string>();
  /** Jobs whose creation was answered. */
  readonly acknowledged = new Set<string>();
  /** Runs that an engine works on. */
  readonly engines = new Map<string, SimProcess>();
  /** Positions of all facts that were told, in whatever epoch. */
  readonly toldPositions = new Set<number>();
  /** Virtual time since which no fault was injected; undefined while some are. */
  calmSince: number | undefined;
  private readonly lastPosition = new Map<string, number>();

  constructor(
    private readonly world: World,
    private readonly log: MemoryLog,
    private readonly bus: () => MemoryBus,
  ) {}

  committed(stream: MemoryStream, commit: Commit): void {
    const { events, before, after } = commit;
    this.world.trace(`${commit.stream.slice(0, 4)} v${stream.events.length} ${commit.inputId.split(':')[0]} -> ${events.map((event) => event.type).join(', ')}`);
    this.reported(commit);
    for (const event of events) {
      if (before && before.outcome !== 'open' && !AFTERLIFE.has(event.type)) this.world.violate('nothing but its removal follows the end of a job', event.type);
      if (before?.deleted) this.world.violate('nothing follows the deletion of a job', event.type);
      this.happened(event, before, after);
    }
    this.timed(after);
    for (const run of stoppedRuns(before, after)) this.stopped(run);
  }

  private happened(event: JobEvent, before: JobState | null, after: JobState): void {
    switch (event.type) {
      case 'TaskStarted':
        this.wanted(event.data.task, after);
        if (before?.tasks[event.data.task]?.phase !== 'queued') this.world.violate('a task has one run at a time', event.data.run);
        break;
      case 'TaskFinished':
        this.wanted(event.data.task, after);
        for (const file of after.tasks[event.data.task]!.files) if (!this.blobs.has(file.blob)) this.world.violate('what a finished task names exists', file.blob);
        break;
      case 'FilesStored':
        for (const { blob } of event.data.files) if (!blob.startsWith(`${event.data.task}/${event.data.run}/`)) this.world.violate('a run names its own files', blob);
        break;
      case 'AttemptFailed':
        if (event.data.attempt > 2) this.world.violate('an engine crash is retried twice at most', event.data.task);
        if (ERROR_CODES[event.data.code].class !== 'engine') this.world.violate('only a failed engine burns an attempt', event.data.code);
        break;
      case 'AttemptLost':
        this.lost(event.data.run, event.data.reason);
        if (after.tasks[event.data.task]!.attempt !== event.data.attempt) this.world.violate('a lost worker burns no attempt', event.data.task);
        break;
      case 'TaskFailed':
        if (event.data.code === 'ENGINE_UNAVAILABLE') this.unavailable(before!.tasks[event.data.task]!.engine!);
    }
  }

  /** Only the current run of a task may report. */
  private reported({ inputId, before }: Commit): void {
    const [kind, task, , run] = inputId.split(':');
    if (kind === 'report' && before?.tasks[task!]?.run !== run) this.world.violate('only the current run reports', inputId);
  }

  private wanted(id: string, job: JobState): void {
    if (this.over.has(id) || this.over.has(job.id)) this.world.violate('nothing goes on after its cancellation was answered', id);
  }

  /** A process that neither died nor stood still beats: only our own outage can have silenced it. */
  private lost(run: string, reason: string): void {
    const owner = this.owners.get(run);
    const heard = owner?.alive && owner.silentUntil < this.world.timeline.now - THAWED_MS;
    if (reason === 'LEASE_EXPIRED' && heard) this.world.violate('our own outage ends no attempt', `${run} of ${owner.name}`);
  }

  /** An engine that was heard within the limit is there; time without a bus is no silence. */
  private unavailable(engine: string): void {
    const silentMs = this.bus().connectedMs - (this.bus().heard.get(engine) ?? -Infinity);
    if (silentMs < this.log.rules.queueMs) this.world.violate('an engine that was heard is available', `${engine}, ${Math.round(silentMs)} ms ago`);
  }

  /** Every open state has what ends it, in the same transaction. */
  private timed(job: JobState): void {
    const timers = timersOf(job, this.log.rules);
    for (const { kind, task, run } of timers) {
      const key = timerKey({ stream: job.id, kind, task: task ?? '', run: run ?? '', due_at: '' });
      if (!this.log.timers.has(key)) this.world.violate('timers change with the log', key);
    }
    if (job.deleted || job.expired || job.outcome !== 'open') return;
    for (const task of tasksOf(job)) {
      const ends = hasEnded(task) || timers.some((timer) => timer.task === task.id) || (task.phase === 'waiting' && readiness(job, task) === 'wait');
      if (!ends) this.world.violate('every open state has what ends it', `${task.id} ${task.phase}`);
    }
  }

  /** Without faults an engine hears of the end of its run within the bound. */
  private stopped(run: string): void {
    this.world.timeline.after(STOPPED_MS, () => {
      const owner = this.engines.get(run);
      const calm = this.calmSince !== undefined && this.calmSince <= this.world.timeline.now - STOPPED_MS;
      if (calm && owner && owner.silentUntil < this.world.timeline.now - STOPPED_MS) this.world.violate('a stopped engine ends in time', run);
    });
  }

  /** In the order of the log, none twice in an epoch. */
  told(fact: Fact, headers: Partial<FactHeaders>): void {
    const epoch = headers['Millrace-Epoch'] ?? '';
    if (fact.position <= (this.lastPosition.get(epoch) ?? 0)) this.world.violate('facts are told in order, none twice', `${fact.position} in ${epoch.slice(0, 4)}`);
    this.lastPosition.set(epoch, fact.position);
    this.toldPositions.add(fact.position);
  }
}
