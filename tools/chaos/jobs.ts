import type { JobBody } from '../testing/stack-api';

/** What copies and conversions of the fault engine are given. */
export const CONTENT = Buffer.from('The same bytes have to come out again.\n'.repeat(50));

const content = { operation: 'import/base64', file: CONTENT.toString('base64'), filename: 'in.txt' };

/** A run that does nothing. */
export const noop = (): JobBody => ({ tasks: { run: { operation: 'fault', mode: 'noop' } } });

/** Runs for `ms`, then stores a file. */
export const sleep = (ms: number): JobBody => ({ tasks: { run: { operation: 'fault', mode: 'sleep', ms, bytes: 1_000 } } });

/** From one pool to the other, and out by URL. */
export const twoStep = (): JobBody => ({
  tasks: { in: content, run: { operation: 'fault/two-step', input: 'in', mode: 'copy' }, out: { operation: 'export/url', input: 'run' } },
});

/** In from a URL, copied, out by URL, told by webhook: it needs every service. */
export const everywhere = (source: string, webhook: string): JobBody => ({
  webhook_url: webhook,
  tasks: { in: { operation: 'import/url', url: source, filename: 'in.txt' }, run: { operation: 'fault', input: 'in', mode: 'copy' }, out: { operation: 'export/url', input: 'run' } },
});

/** Waits for a file, then copies it. */
export const upload = (): JobBody => ({
  tasks: { in: { operation: 'import/upload' }, run: { operation: 'fault', input: 'in', mode: 'copy' }, out: { operation: 'export/url', input: 'run' } },
});
