import { createLinks, type JobRow, type TaskRow } from '@millrace/job-store';
import type { Snapshot } from '../snapshot';

export const links = createLinks({ publicUrl: 'https://m.test', secret: 'a secret for tests only' });

const AT = '2026-01-02T03:04:05.000Z';
const STATUS = { waiting: 'waiting', uploading: 'waiting', queued: 'waiting', running: 'processing', finished: 'finished', failed: 'error', cancelled: 'error' } as const;
type Phase = keyof typeof STATUS;

const taskRow = (stream: string, kind: 'job' | 'task', id: string, phase: Phase, ordinal: number): TaskRow =>
  ({
    id,
    stream,
    kind,
    ordinal,
    phase,
    account: 7,
    name: id,
    operation: 'convert',
    status: STATUS[phase],
    created_at: AT,
    started_at: null,
    ended_at: phase === 'finished' || phase === 'failed' ? AT : null,
    view: { options: {}, inputs: [], files: [], metadata: null, output: null, worker: null, uploadUntil: AT, ignoreError: false, timeoutMs: 1 },
  }) as unknown as TaskRow;

/** A job `job` of account 7 with these tasks, and its status. */
export function jobOf(status: JobRow['status'], tasks: Readonly<Record<string, Phase>>, percents: Readonly<Record<string, number>> = {}): Snapshot {
  const job = { id: 'job', account: 7, kind: 'job', tag: null, status, created_at: AT, started_at: null, ended_at: null } as unknown as JobRow;
  return { job, tasks: Object.entries(tasks).map(([id, phase], ordinal) => taskRow('job', 'job', id, phase, ordinal)), percents: new Map(Object.entries(percents)) };
}

/** The standalone task `alone` of account 7. */
export const aloneIn = (phase: Phase): Snapshot => ({ job: undefined, tasks: [taskRow('stream', 'task', 'alone', phase, 0)], percents: new Map() });
