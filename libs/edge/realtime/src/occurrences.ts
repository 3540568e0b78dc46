import type { EventType, WireStatus } from '@millrace/contracts';
import { type Links, presentJob, presentTask, type TaskRow } from '@millrace/job-store';
import { jobChannels, taskChannels } from './channels';
import type { Snapshot } from './snapshot';

type Happening = 'created' | 'updated' | 'finished' | 'failed';

/** Something that customers are told: the name of the event, the channels it is told in, and its data with the links of a host. */
export interface Occurrence {
  readonly event: `${'job' | 'task'}.${Happening}`;
  readonly channels: readonly string[];
  readonly data: (links: Links) => object;
}

/** A fact, as far as news follow from it. */
export interface Heard {
  readonly type: EventType;
  readonly task?: string | undefined;
}

/** What was told of a stream so far, as little of it as tells what is new. */
export interface Known {
  readonly job: WireStatus | undefined;
  readonly tasks: ReadonlyMap<string, KnownTask>;
}

interface KnownTask {
  readonly phase: TaskRow['phase'];
  readonly percent: number | undefined;
  /** When a percent was told last, ms. */
  readonly toldAt: number;
}

/** A percent is told once so often at most, ms. */
const PERCENT_EVERY_MS = 1_000;

const hasEnded = (status: WireStatus): boolean => status === 'finished' || status === 'error';
const happening = (status: WireStatus): Happening => (status === 'finished' ? 'finished' : status === 'error' ? 'failed' : 'updated');

function ofTask(task: TaskRow, what: Happening, { percents }: Snapshot): Occurrence {
  return {
    event: `task.${what}`,
    channels: taskChannels(task.id, task.kind === 'job' ? task.stream : null, task.account),
    data: (links) => ({ task: presentTask(task, links, { percent: percents.get(task.id) }) }),
  };
}

function ofJob(what: Happening, { job, tasks, percents }: Snapshot & { readonly job: NonNullable<Snapshot['job']> }): Occurrence {
  return { event: `job.${what}`, channels: jobChannels(job.id, job.account), data: (links) => ({ job: presentJob(job, tasks, links, percents) }) };
}

const withJob = (snapshot: Snapshot): snapshot is Snapshot & { readonly job: NonNullable<Snapshot['job']> } => snapshot.job !== undefined;

/** Whether nothing more will happen to the stream. */
export const isOver = ({ job, tasks }: Snapshot): boolean => (job ? hasEnded(job.status) : tasks.every(({ status }) => hasEnded(status)));

/** What is over already, for those who come late: tasks before their job, as it happened. */
export function endings(snapshot: Snapshot): Occurrence[] {
  const tasks = snapshot.tasks.filter(({ status }) => hasEnded(status)).map((task) => ofTask(task, happening(task.status), snapshot));
  return withJob(snapshot) && hasEnded(snapshot.job.status) ? [...tasks, ofJob(happening(snapshot.job.status), snapshot)] : tasks;
}

/** What happened to a stream of which nothing was known, from facts with these types and tasks. */
export function firstNews(facts: readonly Heard[], snapshot: Snapshot): Occurrence[] {
  const isNew = facts.some(({ type }) => type === 'JobCreated') || (!snapshot.job && facts.some(({ type }) => type === 'TaskDefined'));
  const told = new Set(facts.map(({ task }) => task));
  const tasks = snapshot.tasks.flatMap((task): Occurrence[] => {
    const now = happening(task.status);
    if (isNew) return [ofTask(task, 'created', snapshot), ...(task.status === 'waiting' ? [] : [ofTask(task, now, snapshot)])];
    return told.has(task.id) ? [ofTask(task, now, snapshot)] : [];
  });
  if (!withJob(snapshot)) return tasks;
  const now = happening(snapshot.job.status);
  if (!isNew) return [...tasks, ofJob(now, snapshot)];
  return [ofJob('created', snapshot), ...tasks, ...(snapshot.job.status === 'waiting' ? [] : [ofJob(now, snapshot)])];
}

/** What is known once all of a snapshot was told, at `now` in ms. */
export const knownOf = ({ job, tasks, percents }: Snapshot, now: number): Known => ({
  job: job?.status,
  tasks: new Map(tasks.map((task) => [task.id, { phase: task.phase, percent: percents.get(task.id), toldAt: now }])),
});

/** What is new in a snapshot, and what is known then. A percent that comes too soon stays unknown until it may be told. */
export function changes(before: Known, snapshot: Snapshot, now: number): { occurrences: Occurrence[]; known: Known } {
  const occurrences: Occurrence[] = [];
  const tasks = new Map<string, KnownTask>();
  if (withJob(snapshot) && snapshot.job.status !== before.job && !hasEnded(snapshot.job.status)) occurrences.push(ofJob('updated', snapshot));
  for (const task of snapshot.tasks) {
    const was = before.tasks.get(task.id);
    const percent = snapshot.percents.get(task.id);
    const moved = was?.phase !== task.phase;
    const tellPercent = !moved && percent !== undefined && percent !== was.percent && now - was.toldAt >= PERCENT_EVERY_MS;
    if (moved || tellPercent) occurrences.push(ofTask(task, happening(task.status), snapshot));
    tasks.set(task.id, moved || tellPercent ? { phase: task.phase, percent, toldAt: now } : was);
  }
  if (withJob(snapshot) && snapshot.job.status !== before.job && hasEnded(snapshot.job.status)) occurrences.push(ofJob(happening(snapshot.job.status), snapshot));
  return { occurrences, known: { job: snapshot.job?.status, tasks } };
}
