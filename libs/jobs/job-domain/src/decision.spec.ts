import type { Command } from './command';
import { decide } from './decide';
import { fold } from './evolve';
import type { JobState } from './state';

const at = '2026-01-01T00:00:00.000Z';
const now = '2026-01-01T00:00:05.000Z';
const definition = { operation: 'convert', options: {}, steps: [{ engine: 'sharp', version: 'any' }], ignoreError: false, timeoutMs: 60_000, retryOf: null };

/** A job whose second task takes the first one's files and those of a task elsewhere. Nothing in it can be changed. */
function frozenJob(): JobState {
  const job = { at, kind: 'job' as const, account: 1, apiKey: null, tag: null, webhookUrl: null, region: 'local', priority: 0, retryOfJob: null, trace: null };
  const state = fold('s', [
    { type: 'JobCreated', data: { ...job, tasks: [{ id: 'a', name: 'a', inputs: [] }, { id: 'b', name: 'b', inputs: [0, 'elsewhere'] }] } },
    { type: 'TaskDefined', data: { at, task: 'a', ...definition } },
    { type: 'TaskDefined', data: { at, task: 'b', ...definition } },
    { type: 'TaskAwaitingUpload', data: { at, task: 'a', expiresAt: '2026-01-01T06:00:00.000Z' } },
  ])!;
  for (const table of [state, state.tasks, state.foreign, ...Object.values(state.tasks)]) Object.freeze(table);
  return state;
}

describe('a decision leaves the state it was given as it was', () => {
  const commands: Command[] = [
    { type: 'CancelTask', now, task: 'a' },
    { type: 'DeleteTask', now, task: 'b' },
    { type: 'DeleteJob', now },
    { type: 'UploadReceived', now, task: 'a', run: 'r', files: [] },
    { type: 'InputResolved', now, input: 'elsewhere', outcome: 'failed', files: [] },
  ];
  it.each(commands.map((command) => [command.type, command] as const))('%s', (_, command) => {
    const before = frozenJob();
    const { events, state } = decide(before, command, 's');
    expect(events.length).toBeGreaterThan(0);
    expect(state).not.toEqual(before);
    expect(before).toEqual(frozenJob());
    expect(state).toEqual(fold('s', events, before));
  });
});
