import { type Decide, DEFAULT_RULES } from '@millrace/job-domain';
import { simDecide } from './routes';

/** Faults that are planted from outside the shipped code, each of which the simulation must find. */
export const PLANTED = {
  'no-run-check': 'a report of any run is taken for one of the current run',
  'ack-before-claim': 'an invitation is acked when it is pulled',
  'no-input-id': 'commands have no identity: a repeat is decided again',
  'lease-judged-disconnected': 'the sweeper judges leases at any time',
  'invitation-with-message-id': 'the server drops repeated invitations',
  'timers-apart': 'timers are written after the append, apart from it',
  'no-leader-check': 'a leader that was superseded writes and publishes all the same',
  'claim-given-up': 'a claim that is not answered at once is taken for refused',
} as const;

export type PlantedFault = keyof typeof PLANTED;
export type Faults = PlantedFault | undefined;

/** The decider without the check of the run: whoever reports is taken for the current one. */
export const withoutRunCheck: Decide = (state, command, stream, rules = DEFAULT_RULES) => {
  if (command.type !== 'ReportTask') return simDecide(state, command, stream, rules);
  const current = state?.tasks[command.task]?.run;
  return simDecide(state, { ...command, run: current ?? command.run }, stream, rules);
};
