/** A picture of 8 by 8 points. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAbElEQVR42hXNQRUAUQhCUaMYhShGeVGIQhSizB+XXA7ODDtouIHBQ4YOM8suWm5h8ZKl+0CskDiBsIioHhx76LiDw0eO3oN/4FVf+J8h0PduzBqZ8x/bxNQPwgaFy192SGgelC0q13/CJaXlA8Z7WAFXOTbyAAAAAElFTkSuQmCC';

const WITHIN_MS = 60_000;

interface Task {
  readonly name: string;
  readonly status: string;
  readonly message?: string | null;
  readonly result?: { readonly files?: readonly { readonly filename: string; readonly url?: string }[] } | null;
}

interface Job {
  readonly id: string;
  readonly status: string;
  readonly tasks: readonly Task[];
}

/** One conversion that went through the whole house. */
export interface Proof {
  readonly filename: string;
  readonly bytes: number;
  readonly ms: number;
}

async function call(url: string, apiKey: string, body?: unknown): Promise<Job> {
  const response = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${apiKey}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(WITHIN_MS),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`);
  return (JSON.parse(text) as { data: Job }).data;
}

const SAMPLE = {
  tasks: {
    'import-sample': { operation: 'import/base64', file: PNG, filename: 'sample.png' },
    'convert-sample': { operation: 'convert', input: 'import-sample', output_format: 'webp' },
    'export-sample': { operation: 'export/url', input: 'convert-sample' },
  },
};

const isWebp = (bytes: Buffer): boolean => bytes.subarray(0, 4).toString('latin1') === 'RIFF' && bytes.subarray(8, 12).toString('latin1') === 'WEBP';

/**
 * Converts a small png to webp by the HTTP API at `baseUrl` (without /v2) and downloads the result.
 * @throws Error when the API refuses, the job does not finish, or what comes back is no webp.
 */
export async function convertSample(baseUrl: string, apiKey: string): Promise<Proof> {
  const started = Date.now();
  const { id } = await call(`${baseUrl}/v2/jobs`, apiKey, SAMPLE);
  const job = await call(`${baseUrl}/v2/jobs/${id}/wait`, apiKey);
  if (job.status !== 'finished') {
    const failed = job.tasks.map(({ name, status, message }) => `  ${name}: ${status}${message ? `, ${message}` : ''}`);
    throw new Error(`The sample job ${id} is "${job.status}" instead of "finished":\n${failed.join('\n')}`);
  }
  const file = job.tasks.find(({ name }) => name === 'export-sample')?.result?.files?.[0];
  if (!file?.url) throw new Error(`The sample job ${id} is finished but names no file to download.`);
  const download = await fetch(local(file.url, baseUrl), { signal: AbortSignal.timeout(WITHIN_MS) });
  const bytes = Buffer.from(await download.arrayBuffer());
  if (!download.ok || !isWebp(bytes)) throw new Error(`The download of the sample (${download.status}, ${bytes.length} bytes) is no webp.`);
  return { filename: file.filename, bytes: bytes.length, ms: Date.now() - started };
}

/** The public address may lead through a proxy that is not up yet: the proof asks the gateway itself. */
const local = (url: string, baseUrl: string): URL => {
  const { pathname, search } = new URL(url);
  return new URL(`${pathname}${search}`, baseUrl);
};
