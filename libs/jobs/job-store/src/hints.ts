import { SUBJECTS } from '@millrace/contracts';
import type { EventBus } from '@millrace/event-bus';
import { stoppedRuns } from '@millrace/job-domain';
import type { Executed } from './command-handler';

/** After a commit: wakes dispatcher and relay, and tells the engines of runs that are over to stop. Losing a hint costs a poll or a beat. */
export const commitHints =
  (bus: Pick<EventBus, 'publish'>) =>
  ({ before, state }: Executed): void => {
    bus.publish(SUBJECTS.nudge, {});
    for (const run of stoppedRuns(before, state)) bus.publish(SUBJECTS.stop(run), {});
  };
