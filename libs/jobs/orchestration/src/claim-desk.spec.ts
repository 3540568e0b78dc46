import { type ClaimRequest, FILES_PER_MESSAGE } from '@millrace/contracts';
import { DEFAULT_RULES, type JobState } from '@millrace/job-domain';
import type { CommandHandler } from '@millrace/job-store';
import { ClaimDesk } from './claim-desk';

describe('ClaimDesk', () => {
  const NOW = '2026-01-01T00:00:00.000Z';
  const request: ClaimRequest = { stream: 'job', task: 'conv', step: 0, attempt: 1, losses: 0, run: 'mine', worker: 'w', engineVersion: '1' };

  /** A job whose conversion runs as `run`, on so many files of an import. */
  const running = (run: string, files: number): JobState =>
    ({
      id: 'job',
      kind: 'job',
      account: 1000,
      order: ['imp', 'conv'],
      foreign: {},
      tasks: {
        imp: { id: 'imp', phase: 'finished', inputs: [], steps: [{}], step: 0, files: Array.from({ length: files }, (_, index) => ({ blob: `imp/r/${index}`, name: 'a', size: 1 })) },
        conv: { id: 'conv', phase: 'running', run, operation: 'convert', options: { secret: 'sealed' }, inputs: ['imp'], steps: [{}], step: 0, files: [], intermediate: [], deadline: '2026-01-01T00:01:00.000Z' },
      },
    }) as unknown as JobState;

  const claim = async (state: JobState | null, account?: number) => {
    const [written, told] = [new Map<string, unknown>(), [] as unknown[]];
    const handler = { rules: DEFAULT_RULES, execute: async () => ({ before: state, state, events: [], repeated: true, now: NOW }) };
    const store = { beat: async () => account, wrappedKey: async () => 'key' };
    const manifests = { read: async () => undefined, write: async (key: string, value: unknown) => void written.set(key, value) };
    const desk = new ClaimDesk(handler as unknown as CommandHandler, store, manifests, (options, key) => ({ ...options, secret: `opened with ${key}` }), (...progress) => told.push(progress));
    return { answer: await desk.claim(request), beat: await desk.beat({ stream: 'job', task: 'conv', run: 'mine', percent: 40 }), written, told };
  };

  it('lets the current run go, also when it asks again, with its options opened and the time that is left', async () => {
    const { answer } = await claim(running('mine', 1));
    expect(answer).toMatchObject({ verdict: 'go', options: { secret: 'opened with key' }, remainingMs: 60_000, lastStep: true, inputs: [{ blob: 'imp/r/0', task: 'imp' }] });
  });

  it('gives a step its own operation and options, over those of its task, without those it takes away', async () => {
    const state = running('mine', 1);
    const { conv, ...others } = state.tasks;
    const steps = [{ engine: 'libreoffice', version: 'any', operation: 'convert', set: { output_format: 'pdf', pages: null } }];
    const { answer } = await claim({ ...state, tasks: { ...others, conv: { ...conv!, operation: 'thumbnail', options: { secret: 'sealed', output_format: 'png', pages: '1', width: null }, steps } } });
    expect(answer).toMatchObject({ operation: 'convert' });
    expect((answer as { options?: object }).options).toEqual({ output_format: 'pdf', secret: 'opened with key', width: null });
  });

  it.each([
    ['of another run', running('other', 1)],
    ['of a job that is not there', null],
  ])('a claim of a task %s is gone', async (_, state) => {
    expect((await claim(state)).answer).toEqual({ verdict: 'gone' });
  });

  it('hands on many inputs as a manifest of that run', async () => {
    const { answer, written } = await claim(running('mine', FILES_PER_MESSAGE + 1));
    expect(answer).toMatchObject({ manifest: 'conv/mine/.inputs.json' });
    expect(answer).not.toHaveProperty('inputs');
    expect(written.get('conv/mine/.inputs.json')).toHaveLength(FILES_PER_MESSAGE + 1);
  });

  it('stops a run whose lease is gone', async () => {
    const { beat, told } = await claim(running('mine', 1));
    expect([beat, told]).toEqual([{ verdict: 'stop' }, []]);
  });

  it('tells how far a run is, under the account that it works for', async () => {
    const { beat, told } = await claim(running('mine', 1), 1000);
    expect([beat, told]).toEqual([{ verdict: 'continue' }, [[1000, 'job', { task: 'conv', percent: 40 }]]]);
  });
});
