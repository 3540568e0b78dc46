import { type JobJson } from '../e2e/client';
import { query } from '../e2e/database';
import type { Stack } from '../testing/stack';
import { median } from './figure';

interface Row {
  readonly type: string;
  readonly task: string | null;
  /** Milliseconds. */
  readonly at: number;
}

/** Below, two events were appended together. */
const TOGETHER_MS = 0.5;

/** Where the time of jobs goes, by the log: median milliseconds from one event to the next. */
export async function hopsOf(stack: Stack, jobs: readonly JobJson[]): Promise<string> {
  const hops = new Map<string, number[]>();
  for (const { id, tasks } of jobs) {
    const names = new Map(tasks.map((task) => [task.id, task.name]));
    const rows = await query<Row>(stack, "select type, data->>'task' as task, (extract(epoch from at) * 1000)::float8 as at from job_events where stream = $1 order by version", [id]);
    const labels = rows.map(({ type, task }) => `${type}${task ? ` ${names.get(task) ?? ''}` : ''}`);
    for (let i = 1; i < rows.length; i += 1) {
      const hop = `${labels[i - 1]} -> ${labels[i]}`;
      hops.set(hop, [...(hops.get(hop) ?? []), rows[i]!.at - rows[i - 1]!.at]);
    }
    const whole = 'first event -> last event';
    hops.set(whole, [...(hops.get(whole) ?? []), rows.at(-1)!.at - rows[0]!.at]);
  }
  return [...hops]
    .map(([hop, all]) => ({ hop, ms: median(all) }))
    .filter(({ ms }) => ms >= TOGETHER_MS)
    .map(({ hop, ms }) => `  ${hop.padEnd(50)} ${ms.toFixed(1)}`)
    .join('\n');
}
