import path from 'node:path';
import { Client } from 'pg';
import { createFsBlobStore } from '@millrace/blob-store';
import type { Stack } from '../testing/stack';

/** What may follow the end of a job. */
const AFTERWARDS = ['JobDeleted', 'TaskDeleted', 'FilesExpired'];

const CHECKS: readonly { readonly what: string; readonly query: string }[] = [
  {
    what: 'has not exactly one terminal event',
    query: `select stream::text as subject from unnest($1::uuid[]) stream
      where (select count(*) from job_events event where event.stream = stream.stream and terminal) <> 1`,
  },
  {
    what: 'has a gap in its versions, or another version than its log',
    query: `select s.stream::text as subject from job_streams s join job_events e using (stream)
      group by s.stream, s.version having min(e.version) <> 1 or max(e.version) <> s.version or count(*) <> s.version`,
  },
  {
    what: 'has an event after its end',
    query: `select e.stream::text || ' ' || e.type as subject from job_events e join job_events t on t.stream = e.stream and t.terminal
      where e.version > t.version and e.type <> all('{${AFTERWARDS.join(',')}}')`,
  },
  {
    what: 'has two ends of one task',
    query: `select stream::text || ' ' || (data ->> 'task') as subject from job_events
      where type in ('TaskFinished', 'TaskFailed', 'TaskCancelled') group by stream, data ->> 'task' having count(*) > 1`,
  },
  {
    what: 'has a task that is not ended in a job that is',
    query: `select t.stream::text || ' ' || t.phase as subject from tasks t join jobs j on j.id = t.stream
      where j.status in ('finished', 'error') and t.phase not in ('finished', 'failed', 'cancelled')`,
  },
  {
    what: 'is open without a timer that would end it',
    query: `select j.id::text as subject from jobs j where j.status not in ('finished', 'error')
      and not exists (select from job_timers where stream = j.id)`,
  },
];

/** Files that finished tasks name, with the run that stored them. */
const NAMED = `select id::text as task, file ->> 'blob' as blob from tasks, jsonb_array_elements(coalesce(view -> 'files', '[]'::jsonb)) file where phase = 'finished'`;

/** Runs `work` on a connection to the stack's Postgres. */
export async function withDatabase<T>(stack: Stack, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: stack.at.postgres.url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/**
 * What always holds, over the whole log, and for the acknowledged jobs, which are to have ended. One line per violation; empty when all is well.
 * Reads Postgres, the blob folder and the API, and runs `projections:check`.
 */
export async function checkInvariants(stack: Stack, acknowledged: readonly string[]): Promise<string[]> {
  const found = await withDatabase(stack, async (client) => {
    const lines: string[] = [];
    for (const { what, query } of CHECKS) {
      const { rows } = await client.query<{ subject: string }>(query, query.includes('$1') ? [acknowledged] : []);
      lines.push(...rows.map(({ subject }) => `${subject} ${what}`));
    }
    return [...lines, ...(await missingFiles(stack, client))];
  });
  const { code, output } = await stack.checkProjections();
  return [...found, ...(await notShown(stack, acknowledged)), ...(code === 0 ? [] : [output])];
}

async function missingFiles(stack: Stack, client: Client): Promise<string[]> {
  const blobs = createFsBlobStore(path.join(stack.dataDir, 'blobs'));
  const { rows } = await client.query<{ task: string; blob: string }>(NAMED);
  const lines = await Promise.all(rows.map(async ({ task, blob }) => ((await blobs.stat(blob)) ? [] : [`${task} names ${blob}, which is not stored`])));
  return lines.flat();
}

/** The API has to show what the log says. */
async function notShown(stack: Stack, acknowledged: readonly string[]): Promise<string[]> {
  const lines: string[] = [];
  for (const id of acknowledged) {
    const { status } = await stack.api.get(id);
    if (status !== 'finished' && status !== 'error') lines.push(`${id} is shown as ${status}`);
  }
  return lines;
}
