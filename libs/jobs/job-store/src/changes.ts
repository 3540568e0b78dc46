import { isDeepStrictEqual } from 'node:util';
import type { JobEvent } from '@millrace/contracts';
import { type JobState, pendingInputs, type Rules } from '@millrace/job-domain';
import { type JobRow, type ReferenceRow, type Rows, rowsOf, type TaskRow, type TimerRow } from './rows';

/** Rows to write and rows to take away, of one table. */
export interface TableChanges<Row> {
  readonly put: readonly Row[];
  readonly remove: readonly Row[];
}

/** What one append changes beside the log, all in its transaction. */
export interface Changes {
  readonly jobs: TableChanges<JobRow>;
  readonly tasks: TableChanges<TaskRow>;
  readonly timers: TableChanges<TimerRow>;
  readonly references: TableChanges<ReferenceRow>;
  /** Tasks that ended or vanished: whoever waits for them in another stream is to look. */
  readonly ended: readonly string[];
  /** Foreign tasks that this append assumes to be open still. */
  readonly assumedOpen: readonly string[];
  /** The job's sealing key goes. */
  readonly dropKey: boolean;
  /** The webhook event that is due now. */
  readonly tell: 'job.finished' | 'job.failed' | null;
}

/** `same` where rows have few fields to compare: a job of 500 tasks has some thousand of them for each of its commands. */
function difference<Row>(before: Record<string, Row>, after: Record<string, Row>, same: (a: Row, b: Row) => boolean = isDeepStrictEqual): TableChanges<Row> {
  return {
    put: Object.entries(after).flatMap(([key, row]) => (before[key] !== undefined && same(before[key], row) ? [] : [row])),
    remove: Object.entries(before).flatMap(([key, row]) => (key in after ? [] : [row])),
  };
}

const OVER = new Set(['finished', 'failed', 'cancelled']);

function endedTasks(before: Rows, after: Rows): string[] {
  const ended = Object.values(after.tasks).filter((task) => OVER.has(task.phase) && !OVER.has(before.tasks[task.id]?.phase ?? ''));
  const gone = Object.keys(before.tasks).filter((id) => !after.tasks[id]);
  return [...ended.map((task) => task.id), ...gone];
}

function told(events: readonly JobEvent[], job: JobState | null): Changes['tell'] {
  if (job?.kind !== 'job' || job.webhookUrl === null) return null;
  const end = events.find((event) => event.type === 'JobFinished' || event.type === 'JobFailed');
  return end ? (end.type === 'JobFinished' ? 'job.finished' : 'job.failed') : null;
}

/** What the step from one state to the next changes in the read models. Pure. */
export function changesOf(before: JobState | null, after: JobState | null, events: readonly JobEvent[], rules: Rules): Changes {
  const from = rowsOf(before, rules);
  const to = rowsOf(after, rules);
  const waitedBefore = new Set(before ? pendingInputs(before) : []);
  return {
    jobs: difference(from.jobs, to.jobs),
    tasks: difference(from.tasks, to.tasks),
    // The key of a row holds all its fields, but for the time of a timer.
    timers: difference(from.timers, to.timers, (a, b) => a.due_at === b.due_at),
    references: difference(from.references, to.references, () => true),
    ended: endedTasks(from, to),
    assumedOpen: after ? pendingInputs(after).filter((id) => !waitedBefore.has(id)) : [],
    dropKey: Object.keys(from.jobs).length > 0 && Object.keys(to.jobs).length === 0,
    tell: told(events, after),
  };
}
