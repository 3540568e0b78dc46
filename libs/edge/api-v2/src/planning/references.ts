import type { Resources } from '@millrace/job-store';
import type { FieldErrors } from './field-errors';

/** Tasks of other jobs that one job may name, at most: each is looked up. */
const FOREIGN_LIMIT = 500;
/** Look-ups at once. */
const AT_ONCE = 4;

/** Text of the contract (§3.2). */
export const INVALID_INPUT = 'Invalid input task.';

/** One name or id that a task refers to. */
export interface Reference {
  readonly text: string;
  /** The key of its message, should it be wrong. */
  readonly field: string;
}

/** The ids of the tasks of other streams among `texts` that the account may use. */
async function usableTasks(texts: readonly string[], account: number, resources: Pick<Resources, 'task'>): Promise<Set<string>> {
  const usable = new Set<string>();
  const queue = texts.slice(0, FOREIGN_LIMIT);
  const worker = async (): Promise<void> => {
    for (let text = queue.pop(); text !== undefined; text = queue.pop()) {
      if (await resources.task(text, account)) usable.add(text);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return usable;
}

/**
 * A function from a name or id to the id of a task: names of the job first, then the account's own tasks of other jobs. What is missing, malformed
 * or somebody else's is noted in `errors`, all alike.
 */
export async function resolver(
  references: readonly Reference[],
  names: ReadonlyMap<string, string>,
  account: number,
  resources: Pick<Resources, 'task'>,
  errors: FieldErrors,
): Promise<(text: string) => string> {
  const outside = [...new Set(references.map(({ text }) => text).filter((text) => !names.has(text)))];
  const usable = await usableTasks(outside, account, resources);
  const noted = new Set<string>();
  for (const { text, field } of references) {
    if (names.has(text) || usable.has(text) || noted.has(field)) continue;
    noted.add(field);
    errors.add(field, INVALID_INPUT);
  }
  return (text) => names.get(text) ?? text.toLowerCase();
}
