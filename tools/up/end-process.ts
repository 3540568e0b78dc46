import { familyOf, isAlive, signal, type ProcessIdentity } from './process-identity';
import { until } from './until';

const KILL_WAIT_MS = 5_000;

/**
 * Ends a process and everything below it: `name` to the process, SIGKILL after `graceMs` or to what it left behind.
 * Resolves when all of them are gone; nothing is signalled that is not that very process or of its family.
 */
export async function endProcess(identity: ProcessIdentity, name: NodeJS.Signals, graceMs: number): Promise<void> {
  if (!isAlive(identity)) return;
  const family = familyOf(identity.pid);
  signal(identity.pid, name);
  // One that was frozen takes no signal but this; without it a stop would always last the whole grace.
  signal(identity.pid, 'SIGCONT');
  const left = (): ProcessIdentity[] => [identity, ...family].filter(isAlive);
  await until(() => !isAlive(identity), graceMs);
  if (isAlive(identity)) family.push(...familyOf(identity.pid));
  for (const { pid } of left()) signal(pid, 'SIGKILL');
  await until(() => left().length === 0, KILL_WAIT_MS, { everyMs: 10 });
}
