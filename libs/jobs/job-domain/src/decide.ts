import type { JobEvent } from '@millrace/contracts';
import { Failure } from '@millrace/failures';
import type { Command } from './command';
import { createJob } from './create';
import { Decision } from './decision';
import { cancelTask, deleteJob, deleteTask, resolveInput, timerFired, uploadReceived } from './ending';
import { claimTask, reportTask } from './run';
import { asPlanned, type RoutePlanner } from './route';
import { DEFAULT_RULES, type Rules } from './rules';
import type { JobState } from './state';

/** The events that a command leads to, and the state after them. No events: nothing to append. */
export interface Decided {
  readonly events: readonly JobEvent[];
  readonly state: JobState | null;
}

/** The shape of `decide`, so that its users can be given another. */
export type Decide = (state: JobState | null, command: Command, stream: string, rules?: Rules) => Decided;

/**
 * The decider that routes tasks by `route`. Pure: time and ids come in with the command.
 * It throws a Failure of class `request` when the command is refused.
 */
export const decideWith = (route: RoutePlanner): Decide => (state, command, stream, rules = DEFAULT_RULES) => {
  const decision = new Decision(stream, state, command.now, route);
  if (command.type !== 'CreateJob' && !state) {
    if (command.type === 'ClaimTask' || command.type === 'ReportTask' || command.type === 'TimerFired' || command.type === 'InputResolved') return { events: [], state };
    throw new Failure('NOT_FOUND', 'The job was not found');
  }
  switch (command.type) {
    case 'CreateJob':
      createJob(decision, command, rules);
      break;
    case 'UploadReceived':
      uploadReceived(decision, command);
      break;
    case 'ClaimTask':
      claimTask(decision, command, rules);
      break;
    case 'ReportTask':
      reportTask(decision, command, rules);
      break;
    case 'InputResolved':
      resolveInput(decision, command);
      break;
    case 'CancelTask':
      cancelTask(decision, command);
      break;
    case 'DeleteTask':
      deleteTask(decision, command);
      break;
    case 'DeleteJob':
      deleteJob(decision);
      break;
    case 'TimerFired':
      timerFired(decision, command, rules);
      break;
  }
  return { events: decision.events, state: decision.state };
};

/** Decides with every task's steps as they were planned at its creation. */
export const decide: Decide = decideWith(asPlanned);
