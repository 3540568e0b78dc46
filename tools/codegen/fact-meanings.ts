import type { EVENT_SCHEMAS } from '@millrace/contracts';

export type FactType = keyof typeof EVENT_SCHEMAS;

/** What each type of fact tells, in a sentence. A type of the contracts without one does not compile. */
export const FACT_MEANINGS: Readonly<Record<FactType, string>> = {
  JobCreated: 'A job was accepted.',
  TaskDefined: 'A task of it, with its operation.',
  TaskRouted: 'Which engines do the task was chosen, by what its inputs are.',
  TaskAwaitingUpload: 'The task waits for its file.',
  TaskQueued: 'The task waits for a free engine; told again for each step and each further attempt.',
  TaskStarted: 'An engine has the task.',
  FilesStored: 'Files of a run are stored; they count once TaskFinished or the next step follows.',
  TaskFinished: 'The task is done. Its files can be had.',
  AttemptFailed: 'An attempt failed; a further one or TaskFailed follows.',
  AttemptLost: 'The process or host that ran the task is gone; the task is queued again or fails.',
  TaskFailed: 'The task ended with an error.',
  TaskCancelled: 'The task was cancelled.',
  TaskDeleted: 'The task and its files were deleted.',
  InputResolved: 'A task of another job, that one of this job waits for, ended.',
  JobFinished: 'All tasks of the job ended well.',
  JobFailed: 'All tasks of the job ended, one at least not well.',
  JobDeleted: 'The job was deleted.',
  FilesExpired: 'The time of its files is over; the job answers 404 from here on.',
};

const OF_JOBS: readonly FactType[] = ['JobCreated', 'JobFinished', 'JobFailed', 'JobDeleted', 'FilesExpired'];

/** Facts about a job are not told of a task that was made without one. */
export const toldOfStandaloneTasks = (type: FactType): boolean => !OF_JOBS.includes(type);
