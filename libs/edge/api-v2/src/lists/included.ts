import { Failure } from '@millrace/failures';
import { type IncludedInTask, type Links, presentJobSummary, presentTask, type ResourceLists, type TaskNow, type TaskRow } from '@millrace/job-store';
import { grouped } from './grouped';

/** So many tasks are shown inside one answer, beside those that were asked for by themselves: an answer is held in memory as a whole. */
export const MOST_INCLUDED = 10_000;

/** Throws INVALID_DATA when an answer would hold more than `MOST_INCLUDED` tasks. */
export function refuseTooMany(count: number): void {
  if (count <= MOST_INCLUDED) return;
  const message = `The page would include more than ${MOST_INCLUDED} tasks. Ask for fewer by a smaller per_page, or without include.`;
  throw new Failure('INVALID_DATA', 'The given data was invalid.', { errors: { per_page: [message] } });
}

/** Looks up what `include` adds to tasks of one account, in one query for each kind; answers what to show with a task. Throws INVALID_DATA when it is too much. */
export async function includedIn(
  tasks: readonly TaskRow[],
  include: ReadonlySet<string>,
  { account, lists, links }: { account: number; lists: ResourceLists; links: Links },
): Promise<(task: TaskRow) => IncludedInTask> {
  const show = ({ task, percent }: TaskNow) => presentTask(task, links, { percent });
  const wanted = (name: string): readonly TaskRow[] => (include.has(name) ? tasks : []);
  const inputs = wanted('depends_on_tasks').flatMap(({ view }) => view.inputs);
  refuseTooMany(inputs.length);
  const [needed, retries, jobs] = await Promise.all([
    lists.tasksById(account, [...new Set(inputs)]),
    lists.retriesOf(account, wanted('retries').map(({ id }) => id), MOST_INCLUDED + 1),
    lists.jobsById(account, [...new Set(wanted('job').map(({ stream }) => stream))]),
  ]);
  refuseTooMany(inputs.length + retries.length);
  const neededById = new Map(needed.map((found) => [found.task.id, found]));
  const retriesByTask = grouped(retries, ({ task }) => task.retry_of!);
  const jobsById = new Map(jobs.map((job) => [job.id, job]));
  return ({ id, stream, view }) => {
    const job = jobsById.get(stream);
    return {
      // An input that was deleted since is left out; its id stays among `depends_on_task_ids`.
      ...(include.has('depends_on_tasks') && { depends_on_tasks: view.inputs.flatMap((input) => neededById.get(input) ?? []).map(show) }),
      ...(include.has('retries') && { retries: (retriesByTask.get(id) ?? []).map(show) }),
      ...(include.has('job') && { job: job ? presentJobSummary(job, links) : null }),
    };
  };
}
