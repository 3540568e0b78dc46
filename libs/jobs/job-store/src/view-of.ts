import type { JobState, Rules } from '@millrace/job-domain';
import type { JobView } from './resources';
import { rowsOf } from './rows';

/** A job as its state shows it, without a look into the database. Throws RangeError for one that was deleted or has expired: nothing of it is shown. */
export function viewOf(state: JobState, rules: Rules): JobView {
  const { jobs, tasks } = rowsOf(state, rules);
  const job = jobs[state.id];
  if (!job) throw new RangeError(`job ${state.id} is not shown any more`);
  return { job, tasks: Object.values(tasks), percents: new Map() };
}
