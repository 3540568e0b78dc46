import { Failure } from '@millrace/failures';
import type { TaskContext } from './context';

/** What a fake context saw. */
export interface FakeContext extends TaskContext {
  /** Each call of `progress`, in order. */
  readonly reported: readonly number[];
  /** The bytes given to `put`, by blob key. */
  readonly stored: ReadonlyMap<string, Uint8Array>;
  /** Each line logged, as `level: message`. */
  readonly logged: readonly string[];
}

/**
 * A task context for tests, with no inputs, no options and a deadline in an hour.
 * @param overrides what the test is about; the directories are the caller's to make and to remove.
 */
export function fakeContext(overrides: Partial<TaskContext> = {}): FakeContext {
  const reported: number[] = [];
  const stored = new Map<string, Uint8Array>();
  const logged: string[] = [];
  const line = (level: string) => (_: object, msg: string) => void logged.push(`${level}: ${msg}`);
  return {
    taskId: 'task-1',
    jobId: 'job-1',
    runId: 'run-1',
    attempt: 1,
    step: 0,
    account: 'account-1',
    operation: 'convert',
    options: {},
    inputs: [],
    inDir: '/nonexistent/in',
    outDir: '/nonexistent/out',
    scratchDir: '/nonexistent/scratch',
    signal: new AbortController().signal,
    deadline: new Date(Date.now() + 3_600_000),
    log: { info: line('info'), warn: line('warn'), error: line('error') },
    progress: (percent) => void reported.push(percent),
    async put(filename, source, { maxBytes = Infinity } = {}) {
      const chunks: Uint8Array[] = [];
      let size = 0;
      for await (const chunk of source) {
        const bytes: Uint8Array = typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk;
        size += bytes.length;
        if (size > maxBytes) throw new Failure('LIMIT_EXCEEDED', `The file is larger than ${maxBytes} bytes`);
        chunks.push(bytes);
      }
      const whole = new Uint8Array(size);
      let at = 0;
      for (const bytes of chunks) {
        whole.set(bytes, at);
        at += bytes.length;
      }
      const blob = `${overrides.taskId ?? 'task-1'}/${overrides.runId ?? 'run-1'}/${stored.size}`;
      stored.set(blob, whole);
      return { blob, filename, size };
    },
    ...overrides,
    reported,
    stored,
    logged,
  };
}
