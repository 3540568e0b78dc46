import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';

/**
 * The gaps between two durable steps where a death once lost, or could lose, something. `FAULT_AT` names those at which this installation's
 * processes are to die, each once; `all` for every one.
 */
export const FAULT_POINTS = [
  /** A worker holds an invitation, its claim is not sent. */
  'worker-invited',
  /** The log names the run, the invitation is not acked. */
  'worker-claimed',
  /** Outputs are stored, nothing of them is reported. */
  'worker-stored',
  /** The report is in the log, the worker does not know what is next. */
  'worker-reported',
  /** All rows are written, the transaction is not committed. */
  'append-written',
  /** The transaction is committed, its sender does not know. */
  'append-committed',
  /** An invitation is out, the task is not marked as invited. */
  'dispatcher-invited',
  /** A fact is published, the relay's mark is not moved. */
  'relay-published',
  /** An uploaded file is stored, the log does not know it. */
  'upload-stored',
  /** A webhook was answered, its row does not say so. */
  'webhook-sent',
] as const;
export type FaultPoint = (typeof FAULT_POINTS)[number];

/** Folder that remembers at which points a process has died already. */
const folder = process.env['FAULT_MARKS'];
/** SIGKILL, or SIGSTOP for a process that only stands still there. */
const signal = process.env['FAULT_SIGNAL'] === 'SIGSTOP' ? 'SIGSTOP' : 'SIGKILL';
const wanted = (process.env['FAULT_AT'] ?? '').split(',').map((name) => name.trim());

/** Ends this process by SIGKILL, or stops it by SIGSTOP, when the point is wanted and was not reached before. For chaos tests; without `FAULT_AT` and `FAULT_MARKS` it does nothing. */
export function faultPoint(point: FaultPoint): void {
  if (!folder || !(wanted.includes(point) || wanted.includes('all'))) return;
  mkdirSync(folder, { recursive: true });
  try {
    // Exclusive: of two processes that come by at once, one dies.
    closeSync(openSync(path.join(folder, point), 'wx'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
    throw error;
  }
  process.kill(process.pid, signal);
}
