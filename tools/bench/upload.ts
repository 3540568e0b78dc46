import type { Bench } from './bench';
import type { JobJson } from '../e2e/client';

/** The id of a finished import of `content`, for jobs that shall not count the way in. */
export async function imported({ client }: Bench, filename: string, content: Buffer): Promise<string> {
  const { id, result } = await client.createTask('import/upload');
  const status = await client.api.upload(result!.form!, filename, content);
  if (status >= 400) throw new Error(`an upload was answered ${status}`);
  const ended = await client.endedTask(id);
  if (ended.status !== 'finished') throw new Error(`an upload did not finish: ${JSON.stringify(ended)}`);
  return id;
}

/** Converts an import and waits for its links. @throws Error when it fails. */
export async function convert({ client }: Bench, input: string, options: Readonly<Record<string, unknown>>): Promise<JobJson> {
  const job = await client.run({ do: { operation: 'convert', input, ...options }, out: { operation: 'export/url', input: 'do' } });
  if (job.status !== 'finished') throw new Error(`a conversion did not finish: ${JSON.stringify(job)}`);
  return job;
}
