import { decideWith, type RoutePlanner } from '@millrace/job-domain';

/** Of tasks with two inputs or more: some change their engine, some take a detour, some are refused. By their files alone, so that every process routes alike. */
const byCount: RoutePlanner = ({ steps, files }) => {
  if (files.length < 2 || steps.some(({ engine }) => engine === 'nobody')) return { steps };
  if (files.length === 2) return { steps: [{ engine: 'beta', version: 'any' }] };
  if (files.length === 3) return { steps: [{ engine: 'alpha', version: 'any', set: { detour: true } }, ...steps] };
  return { code: 'INVALID_INPUT', message: 'too many files' };
};

/** The decider of all virtual processes. */
export const simDecide = decideWith(byCount);
