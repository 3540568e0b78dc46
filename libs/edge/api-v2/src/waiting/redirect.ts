import type { FastifyReply } from 'fastify';
import type { TaskResource, WireStatus } from '@millrace/contracts';
import { Failure } from '@millrace/failures';

const EXPORT = 'export/url';

const refused = (message: string): Failure => new Failure('INVALID_DATA', 'The given data was invalid.', { errors: { redirect: [message] } });

/** Whether `redirect` asks for it, be it of a query or a body. Throws INVALID_DATA for what is no boolean. */
export function wantsRedirect(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return false;
  if (value === true || value === 'true' || value === '1') return true;
  if (value === false || value === 'false' || value === '0') return false;
  throw refused('The redirect field must be true or false.');
}

/** Throws INVALID_DATA when none of these operations makes a URL. */
export function requireExport(operations: readonly unknown[]): void {
  if (!operations.includes(EXPORT)) throw refused(`A redirect leads to the first file of a task with the operation ${EXPORT}, and there is none.`);
}

/**
 * Sends the client of something that has ended to its first exported file; what is still open is answered as it is, by false.
 * Throws INVALID_DATA when it ended without such a file.
 */
export function redirectToFile(reply: FastifyReply, status: WireStatus, tasks: readonly TaskResource[]): boolean {
  if (status !== 'finished' && status !== 'error') return false;
  const files = tasks.filter(({ operation }) => operation === EXPORT).flatMap(({ result }) => (result?.['files'] ?? []) as readonly { readonly url?: string }[]);
  const url = files.find((file) => file.url !== undefined)?.url;
  if (url === undefined) {
    const failed = tasks.find((task) => task.status === 'error' && task.code !== 'INPUT_TASK_FAILED');
    throw refused(failed ? `There is no file: the task ${failed.name ?? failed.id} has failed with ${failed.code}: ${failed.message}` : 'There is no file.');
  }
  void reply.code(302).header('Location', url);
  return true;
}
