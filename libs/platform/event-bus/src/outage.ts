import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '@millrace/telemetry';
import type { Connection } from './connection';
import type { PullEnd } from './pull';

const MISSING_PAUSE_MS = 500;
const REFUSED_PAUSE_MS = 50;

/**
 * Waits after a pull that ended because something is out of order, so that pulling again does not spin: shortly when the consumer is missing or refused,
 * until the connection is back when it was lost. One log line when a durable goes missing, one when it answers again.
 */
export function outageWaiter(connection: Connection, log: Logger): (end: PullEnd, stream: string, durable: string, signal: AbortSignal) => Promise<void> {
  const missing = new Set<string>();
  const rest = (ms: number, signal: AbortSignal): Promise<void> => pause(ms * (1 + Math.random()), undefined, { signal }).catch(() => undefined);
  return async (end, stream, durable, signal) => {
    const key = `${stream}/${durable}`;
    if (end === 'done' && missing.delete(key)) log.info({ stream, durable }, 'The consumer answers again');
    if (end === 'missing' && !missing.has(key)) {
      missing.add(key);
      log.warn({ stream, durable }, 'The consumer does not exist; waiting for its owner to make it');
    }
    if (end === 'missing') await rest(MISSING_PAUSE_MS, signal);
    if (end === 'refused') await rest(REFUSED_PAUSE_MS, signal);
    if (end === 'disconnected') await connection.whenConnected(signal);
  };
}
