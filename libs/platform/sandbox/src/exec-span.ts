import path from 'node:path';
import { inSpan } from '@millrace/telemetry';
import type { RunResult, RunSpec } from './spec';

/** One span per program that is run to its end. It names the program and never its arguments: they hold what customers sent. */
export const execSpan = ({ argv }: RunSpec, run: () => Promise<RunResult>): Promise<RunResult> =>
  inSpan('process.exec', { attributes: { 'process.executable.name': path.basename(argv[0] ?? '') } }, async (span) => {
    const result = await run();
    const { exitCode, signal, limit, maxRssBytes } = result;
    span.set({ 'process.exit.code': exitCode ?? undefined, 'millrace.process.signal': signal ?? undefined, 'millrace.process.limit': limit, 'millrace.process.max_rss_bytes': maxRssBytes });
    if (exitCode !== 0) span.fail(limit ?? signal ?? 'exit');
    return result;
  });
