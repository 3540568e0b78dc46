import type { Engine, EngineResult } from '@millrace/engine-kit';
import type { FileRef } from '@millrace/contracts';
import { Failure } from '@millrace/failures';
import type { RunFiles } from './ports';
import { GO, invitationOf, noFiles, SILENT } from './testing/fakes';
import { VirtualClock } from '@millrace/testing';
import { type Go, TaskRun } from './task-run';

const SOURCE = '0b8f7f7e-5c0e-4c53-9a3c-0f2f0d5f3a11';

describe('TaskRun', () => {
  const perform = (run: Engine['run'], { files, go, signal = new AbortController().signal }: { files?: Partial<RunFiles>; go?: Partial<Go>; signal?: AbortSignal } = {}) =>
    new TaskRun(invitationOf('t'), 'r', { ...GO, ...go } as Go, { name: 'fake', version: '1', fetchInputs: true, run }, noFiles(files), new VirtualClock(), SILENT, () => undefined).perform(signal);

  const outputs = (count: number): EngineResult => ({ files: Array.from({ length: count }, (_, index) => ({ path: `/out/${index}`, filename: `${index}.png` })) });

  it.each([
    ['a failure of the engine', new Failure('INVALID_INPUT', 'broken file'), 'INVALID_INPUT'],
    ['anything else that it throws', new Error('oops'), 'ENGINE_CRASHED'],
    ['what is no error at all', 'oops', 'ENGINE_CRASHED'],
  ])('classes %s', async (_, thrown, code) => {
    expect(await perform(() => Promise.reject(thrown))).toMatchObject({ status: 'failed', code });
  });

  it.each([
    ['deadline', 'TIMEOUT'],
    ['shutdown', 'WORKER_LOST'],
  ])('a run stopped by its %s says %s, whatever the engine says', async (reason, code) => {
    const stop = new AbortController();
    const engine = async (): Promise<EngineResult> => {
      stop.abort(reason);
      throw new Failure('INVALID_INPUT', 'killed');
    };
    expect(await perform(engine, { signal: stop.signal })).toMatchObject({ code });
    expect(await perform(async () => (stop.abort(reason), outputs(1)), { signal: stop.signal })).toMatchObject({ code });
  });

  it('starts no engine when it was stopped while its inputs came', async () => {
    const stop = new AbortController();
    const engine = jest.fn();
    const fetch = async (): Promise<string> => (stop.abort('shutdown'), '/in/0');
    const input = { blob: 'b', name: 'a', size: 1, task: 'i' };
    expect(await perform(engine, { files: { fetch }, go: { inputs: [input] }, signal: stop.signal })).toMatchObject({ code: 'WORKER_LOST' });
    expect(engine).not.toHaveBeenCalled();
  });

  it('reads inputs and writes outputs that do not fit a message as manifests', async () => {
    const inputs = Array.from({ length: 501 }, (_, index) => ({ blob: `i/r/${index}`, name: `${index}`, size: 1, task: SOURCE }));
    const lists = new Map<string, unknown>([['t/r/.inputs.json', inputs]]);
    const files: Partial<RunFiles> = { readList: async (key) => lists.get(key), writeList: async (key, list) => void lists.set(key, list) };
    let seen = 0;
    const outcome = await perform(async (context) => ((seen = context.inputs.length), outputs(501)), { files, go: { inputs: undefined, manifest: 't/r/.inputs.json' } as never });
    expect(seen).toBe(501);
    expect(outcome).toEqual({ status: 'finished', manifest: 't/r/.outputs.json', message: null, metadata: null, output: null });
    expect((lists.get('t/r/.outputs.json') as FileRef[]).map(({ blob }) => blob)).toEqual(inputs.map((_, index) => `t/r/${index}`));
  });

  it('names 500 outputs in the message', async () => {
    expect(await perform(async () => outputs(500))).toMatchObject({ status: 'finished', files: { length: 500 } });
  });

  it.each([true, false])('removes its folder, also when the engine fails: %s', async (fails) => {
    const close = jest.fn(async () => undefined);
    await perform(async () => (fails ? Promise.reject(new Error('oops')) : outputs(1)), { files: { close } });
    expect(close).toHaveBeenCalledTimes(1);
  });
});
