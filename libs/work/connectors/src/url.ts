import type { Engine, EngineFactory, StoredOutput, TaskContext } from '@millrace/engine-kit';
import { Failure } from '@millrace/failures';
import { z } from 'zod';
import { expectFile, isTransient } from './answer';
import type { ExportDeps, ImportDeps } from './deps';
import { importedName } from './filename';
import { metered } from './metered';
import { byReference } from './reference';
import { RETRY_WAITS_MS, withRetries } from './retry';

const importOptions = z.object({ url: z.string(), filename: z.string().optional(), headers: z.record(z.string(), z.string()).optional() });

function readOptions(ctx: TaskContext): z.infer<typeof importOptions> {
  const parsed = importOptions.safeParse(ctx.options);
  // The cause stays out: it may quote a header.
  if (!parsed.success) throw new Failure('INVALID_INPUT', 'import/url needs a url, and filename and headers of text');
  return parsed.data;
}

async function download(ctx: TaskContext, { safeFetch, maxImportBytes }: ImportDeps): Promise<StoredOutput> {
  const { url, filename, headers } = readOptions(ctx);
  const answer = await safeFetch.request({ url, headers, signal: ctx.signal, maxBytes: maxImportBytes });
  try {
    expectFile(answer);
    const declared = answer.headers['content-length'];
    const source = metered(answer.body, declared === undefined ? undefined : Number(declared), (percent) => ctx.progress(percent));
    return await ctx.put(importedName({ wanted: filename, headers: answer.headers, url: answer.url }), source, { maxBytes: maxImportBytes });
  } finally {
    answer.body.destroy();
  }
}

/** import/url: one GET, streamed into the blob store; up to two more when the connection broke or the server answered 5xx. */
export const importUrl: EngineFactory<ImportDeps> = {
  name: 'import-url',
  create: async (deps): Promise<Engine> => ({
    name: 'import-url',
    version: '1',
    fetchInputs: false,
    async run(ctx) {
      const file = await withRetries(deps.retryWaitsMs ?? RETRY_WAITS_MS, ctx.signal, isTransient, () => download(ctx, deps));
      return { files: [file] };
    },
  }),
};

/** export/url: names the inputs as outputs, by reference. Nothing is copied; the gateway signs and serves the URLs. */
export const exportUrl: EngineFactory<ExportDeps> = {
  name: 'export-url',
  create: async (): Promise<Engine> => ({
    name: 'export-url',
    version: '1',
    fetchInputs: false,
    run: async ({ inputs }) => ({ files: inputs.map(byReference) }),
  }),
};
