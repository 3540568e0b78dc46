import { Failure } from '@millrace/failures';
import { withLogFields } from './log-fields';
import { createLogger, type Logger } from './logger';
import { nestLogger } from './nest-logger';
import { newTrace, runWithTrace } from './trace-context';

describe('createLogger', () => {
  let written: string;
  let log: Logger;
  const lines = (): Record<string, any>[] => written.trimEnd().split('\n').map((line) => JSON.parse(line));

  beforeEach(() => {
    written = '';
    log = createLogger({ service: 'media', instance: 'media-1', level: 'trace', destination: { write: (text) => void (written += text) } });
  });

  it('writes level, time, service, instance and text', () => {
    log.child({ component: 'relay' }).info({ count: 2 }, 'told');
    expect(lines()).toEqual([{ level: 'info', time: expect.stringMatching(/^\d{4}-.*Z$/), service: 'media', instance: 'media-1', component: 'relay', count: 2, msg: 'told' }]);
  });

  it('adds the trace and the fields around the call', () => {
    const trace = newTrace();
    runWithTrace(trace, () => withLogFields({ job_id: 'j' }, () => withLogFields({ task_id: 't' }, () => log.info('inside'))));
    log.info('outside');
    expect(lines()[0]).toMatchObject({ trace_id: trace.traceId, job_id: 'j', task_id: 't' });
    expect(lines()[1]).not.toHaveProperty('trace_id');
    expect(lines()[1]).not.toHaveProperty('job_id');
  });

  it.each(['password', 'access_token', 'Authorization', 'secret_access_key', 'secretAccessKey', 'apiKey', 'api-key', 'client_secret', 'webhook_signing_secret', 'private_key', 'set-cookie', 'x-api-key'])(
    'masks %s at any depth, in children and in fields around',
    (key) => {
      log.child({ a: 1 }).child({ [key]: 'hunter2' }).info({ a: [{ b: { [key]: 'hunter2' } }], [key]: { deep: 'hunter2' } }, 'x');
      withLogFields({ [key]: 'hunter2' }, () => log.info('y'));
      expect(written).not.toContain('hunter2');
      expect(written).toContain('[redacted]');
    },
  );

  it('masks credentials in URLs, also in messages and in causes', () => {
    const cause = new Error('GET https://bucket.example/x?X-Amz-Signature=hunter2&y=1 failed');
    log.error({ err: new Failure('DOWNLOAD_FAILED', 'Failed', { cause }), url: 'ftp://user:hunter2@host/file' }, 'from postgres://u:hunter2@db/x');
    expect(written).not.toContain('hunter2');
    expect(lines()[0]).toMatchObject({ err: { code: 'DOWNLOAD_FAILED', cause: { message: expect.stringContaining('y=1') } } });
  });

  it('keeps what only looks like a secret', () => {
    log.info({ keys: 3, passed: 4, tokens_used: 5, bypass: 6, tasks: ['a'], key: 'k' }, 'x');
    expect(lines()[0]).toMatchObject({ keys: 3, passed: 4, tokens_used: 5, bypass: 6, tasks: ['a'], key: 'k' });
  });

  it('shows a bare error with its cause', () => {
    log.error(new Error('outer', { cause: new TypeError('inner') }));
    expect(lines()[0]).toMatchObject({ msg: 'outer', err: { type: 'Error', stack: expect.any(String), cause: { type: 'TypeError', message: 'inner' } } });
  });

  it('writes one object a line whatever it is given', () => {
    const circle: Record<string, unknown> = { name: 'circle' };
    circle['self'] = circle;
    const naughty: unknown[] = [
      'line\nbreak\r\n', '"}', '\u0000\u001b[31m', '\ud800', '\u2028\u2029', '${jndi:ldap://x}', '%s %d %j %o', circle, 10n, NaN, new Map([['a', 1]]), new Set([1]), Buffer.alloc(9), null, undefined, () => 1, Symbol('s'), new Date(NaN),
      { toJSON: () => { throw new Error('no'); } }, { get x() { throw new Error('no'); } }, new Proxy({}, { ownKeys: () => { throw new Error('no'); } }), JSON.parse('{"__proto__": {"x": 1}}'), Object.create(null), 'x'.repeat(100_000),
    ];
    for (const value of naughty) {
      log.info({ value, level: 'fake', 'key\n"': value }, String(typeof value === 'string' ? value : 'x'));
      log.info(value as object);
    }
    expect(lines()).toHaveLength(naughty.length * 2);
  });

  it('speaks for Nest', () => {
    const nest = nestLogger(log);
    nest.error('Broken', 'stack of it', 'Module');
    nest.log('Started', 'Factory');
    expect(lines()).toMatchObject([{ level: 'error', msg: 'Broken', context: 'Module', details: ['stack of it'] }, { level: 'debug', msg: 'Started', context: 'Factory' }]);
  });
});
