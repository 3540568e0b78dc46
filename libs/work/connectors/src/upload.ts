import { open } from 'node:fs/promises';
import type { Engine, EngineFactory, InputFile, TaskContext } from '@millrace/engine-kit';
import { Failure, isFailure } from '@millrace/failures';
import { z } from 'zod';
import type { ExportDeps } from './deps';
import { metered } from './metered';
import { byReference } from './reference';
import { RETRY_WAITS_MS, withRetries } from './retry';
import { uploadTargets } from './upload-targets';

const options = z.object({ url: z.string(), headers: z.record(z.string(), z.string()).optional() });

function readOptions(ctx: TaskContext): z.infer<typeof options> {
  const parsed = options.safeParse(ctx.options);
  // The cause stays out: it may quote a header.
  if (!parsed.success) throw new Failure('INVALID_INPUT', 'export/upload needs a url, and headers of text');
  return parsed.data;
}

/** The server answered, but did not take the file. */
class RefusedUpload extends Failure {
  constructor(
    readonly answered: number,
    publicMessage: string,
  ) {
    super('UPLOAD_FAILED', publicMessage);
  }
}

/** True for what another attempt may cure: no whole answer, or a server that is to blame itself. */
const isTransient = (error: unknown): boolean => (error instanceof RefusedUpload ? error.answered >= 500 : isFailure(error) && error.code === 'DOWNLOAD_FAILED');

/** One PUT of one file. A redirect is no answer to it: whoever asked for this address did not ask for another one. */
async function put({ safeFetch }: ExportDeps, ctx: TaskContext, file: InputFile, url: string, headers: Readonly<Record<string, string>>, progress: (percent: number) => void): Promise<void> {
  const handle = await open(file.path!);
  const source = handle.createReadStream();
  try {
    const body = metered(source, file.size, progress);
    const sent = { 'content-type': file.mime ?? 'application/octet-stream', ...headers };
    const answer = await safeFetch.request({ url, method: 'PUT', headers: sent, body, bodyLength: file.size, maxRedirects: 0, signal: ctx.signal });
    answer.body.destroy();
    if (answer.status < 200 || answer.status > 299) throw new RefusedUpload(answer.status, `The server answered the upload of ${file.filename} with status ${answer.status}`);
    if (source.bytesRead < file.size) throw new RefusedUpload(answer.status, `The server did not wait for the whole of ${file.filename}`);
  } finally {
    source.destroy();
    await handle.close();
  }
}

async function uploadAll(ctx: TaskContext, deps: ExportDeps): Promise<void> {
  const { url, headers = {} } = readOptions(ctx);
  const { inputs, signal } = ctx;
  const total = inputs.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  for (const [index, target] of uploadTargets(url, inputs.map(({ filename }) => filename)).entries()) {
    const file = inputs[index]!;
    const progress = (percent: number): void => ctx.progress(Math.floor((100 * done + percent * file.size) / total));
    await withRetries(deps.retryWaitsMs ?? RETRY_WAITS_MS, signal, isTransient, () => put(deps, ctx, file, target, headers, progress));
    done += file.size;
  }
}

/** export/upload: a PUT of each input, one after the other; up to two more each when the connection broke or the server answered 5xx. What was sent already stays where it is when a later one fails. */
export const exportUpload: EngineFactory<ExportDeps> = {
  name: 'export-upload',
  create: async (deps): Promise<Engine> => ({
    name: 'export-upload',
    version: '1',
    fetchInputs: true,
    async run(ctx) {
      try {
        await uploadAll(ctx, deps);
      } catch (error) {
        if (isFailure(error) && error.code === 'DOWNLOAD_FAILED') throw new Failure('UPLOAD_FAILED', error.publicMessage, { cause: error });
        throw error;
      }
      return { files: ctx.inputs.map(byReference) };
    },
  }),
};
