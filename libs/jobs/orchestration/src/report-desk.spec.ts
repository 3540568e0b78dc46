import { FILES_PER_MESSAGE, type ReportRequest } from '@millrace/contracts';
import type { CommandHandler, Executed, Execution } from '@millrace/job-store';
import { DEFAULT_RULES } from '@millrace/job-domain';
import { ReportDesk } from './report-desk';

describe('ReportDesk', () => {
  const files = (count: number) => Array.from({ length: count }, (_, index) => ({ blob: `t/r/${index}`, name: 'a', size: 1 }));
  const request = (outcome: unknown): ReportRequest => ({ stream: 's', task: 't', step: 0, attempt: 1, run: 'r', outcome }) as ReportRequest;

  const desk = (executed: Partial<Executed>, lists: Record<string, unknown> = {}) => {
    const sent: Execution[] = [];
    const handler = { rules: DEFAULT_RULES, execute: async (execution: Execution) => (sent.push(execution), { events: [], repeated: false, ...executed }) };
    return { sent, desk: new ReportDesk(handler as unknown as CommandHandler, { read: async (key) => lists[key], write: async () => undefined }) };
  };

  it.each([
    ['confirms what it appended', { events: [{}] }, 'confirmed'],
    ['confirms again what is in the log', { repeated: true }, 'confirmed'],
    ['refuses what changes nothing: its run is not the current one', {}, 'refused'],
  ])('%s', async (_, executed, verdict) => {
    const { desk: reports } = desk(executed as Partial<Executed>);
    expect(await reports.report(request({ status: 'finished', files: files(1) }))).toEqual({ verdict });
  });

  it('takes a repeat for the same command, and another run or outcome for another', async () => {
    const { desk: reports, sent } = desk({});
    const finished = request({ status: 'finished', files: [] });
    for (const one of [finished, finished, { ...finished, run: 'other' }, request({ status: 'failed', code: 'TIMEOUT', message: 'm' })]) await reports.report(one);
    expect(sent[0]!.inputId).toBe(sent[1]!.inputId);
    expect(new Set(sent.map(({ inputId }) => inputId)).size).toBe(3);
  });

  it('reads the files of a long report from its manifest', async () => {
    const many = files(FILES_PER_MESSAGE + 1);
    const { desk: reports, sent } = desk({}, { 't/r/.outputs.json': many });
    await reports.report(request({ status: 'finished', manifest: 't/r/.outputs.json', message: null, metadata: null, output: null }));
    expect(await sent[0]!.command('now', null)).toMatchObject({ type: 'ReportTask', run: 'r', outcome: { files: many } });
  });

  it.each([
    ['that holds no files', 't/r/list'],
    ['of another run', 't/other/list'],
  ])('refuses a manifest %s', async (_, manifest) => {
    const lists = { 't/r/list': [{ name: 'a' }], 't/other/list': files(1) };
    const { desk: reports, sent } = desk({}, lists);
    await reports.report(request({ status: 'finished', manifest }));
    await expect(sent[0]!.command('now', null)).rejects.toThrow();
  });

  it('confirms a repeat although the manifest is gone', async () => {
    const { desk: reports } = desk({ repeated: true });
    expect(await reports.report(request({ status: 'finished', manifest: 't/r/gone' }))).toEqual({ verdict: 'confirmed' });
  });
});
