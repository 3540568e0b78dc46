import { isDeepStrictEqual } from 'node:util';
import { fold } from '@millrace/job-domain';
import { differences, rowsOf } from '@millrace/job-store';
import { factOf } from '@millrace/orchestration';
import type { Checks } from './checks';
import { eventsOf, type MemoryLog, msOf } from './memory-log';
import type { World } from './world';

/** A fact is told so long after its event at most, when nothing is broken and an orchestrator is awake. Ms. */
export const TOLD_MS = 15_000;

/** What must hold of everything when all is healed and quiet. */
export function checkAtEnd(world: World, log: MemoryLog, checks: Checks): void {
  for (const id of checks.acknowledged) {
    const terminal = log.streams.get(id)?.events.filter((event) => event.terminal).length ?? 0;
    if (terminal !== 1) world.violate('every accepted job reaches one terminal event', `${id}: ${terminal}`);
  }
  for (const [id, stream] of log.streams) {
    stream.events.forEach((event, i) => event.version !== i + 1 && world.violate('versions are contiguous', id));
    const state = fold(id, eventsOf(stream));
    if (!isDeepStrictEqual(state, stream.state)) world.violate('the fold of the log is the state', id);
    for (const { table, key } of differences(rowsOf(state, log.rules), log.rowsOf(id))) world.violate('read models equal the fold of the log', `${table} ${key}`);
  }
  if (checks.engines.size > 0) world.violate('no engine outlives its run', [...checks.engines.keys()].join(', '));
  for (const event of log.all) {
    const late = msOf(event.at.toISOString()) < world.timeline.now - TOLD_MS;
    if (late && factOf(event) && !checks.toldPositions.has(event.position)) world.violate('every fact is told', String(event.position));
  }
}
