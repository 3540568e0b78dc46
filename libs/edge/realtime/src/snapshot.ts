import type { JobView, Resources } from '@millrace/job-store';

/** A stream as its owner sees it at one moment; a standalone task has no job. */
export type Snapshot = Omit<JobView, 'job'> & { readonly job: JobView['job'] | undefined };

/** What a stream is read by: its id for a job, the id of its task for a standalone one. */
export interface StreamId {
  readonly account: number;
  readonly stream: string;
  /** Known for a standalone task; otherwise any task that the stream was named with. */
  readonly task?: string | undefined;
}

/** The stream now, or undefined when it is gone or somebody else's. */
export async function readSnapshot(resources: Pick<Resources, 'job' | 'task'>, { account, stream, task }: StreamId): Promise<Snapshot | undefined> {
  const job = await resources.job(stream, account);
  if (job || task === undefined) return job;
  const alone = await resources.task(task, account);
  if (!alone || alone.task.kind !== 'task') return undefined;
  return { job: undefined, tasks: [alone.task], percents: new Map(alone.percent === undefined ? [] : [[task, alone.percent]]) };
}
