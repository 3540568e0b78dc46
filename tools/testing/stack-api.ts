import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

export interface StackTask {
  readonly id: string;
  readonly name: string;
  readonly operation: string;
  readonly status: 'waiting' | 'processing' | 'finished' | 'error';
  readonly code: string | null;
  readonly result: { readonly files?: readonly { readonly filename: string; readonly url?: string }[]; readonly form?: UploadForm } | null;
}

export interface StackJob {
  readonly id: string;
  readonly status: 'waiting' | 'processing' | 'finished' | 'error';
  readonly tasks: readonly StackTask[];
}

export interface UploadForm {
  readonly url: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Body of `POST /v2/jobs`. */
export interface JobBody {
  readonly tag?: string;
  readonly webhook_url?: string;
  readonly tasks: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** How long a gateway may take for one answer before the next one is asked. */
const ANSWER_MS = 5_000;
const AGAIN_MS = 200;
const PATIENCE_MS = 90_000;

/**
 * The API as a patient customer uses it: asks any gateway, and again when one is away (no answer, 502 to 504),
 * with one Idempotency-Key, so that a job is made once.
 */
export class StackApi {
  private turn = 0;

  constructor(
    readonly gateways: readonly string[],
    private readonly key: string,
  ) {}

  /** One request to one gateway, whatever comes. `url` with or without host. */
  request(method: string, url: string, { gateway = 0, body, headers = {}, timeoutMs = ANSWER_MS }: { gateway?: number; body?: unknown; headers?: Record<string, string>; timeoutMs?: number } = {}): Promise<Response> {
    const json: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    return fetch(new URL(url, this.gateways[gateway]), {
      method,
      headers: { authorization: `Bearer ${this.key}`, ...json, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    });
  }

  /** The id of the job that was acknowledged with 201. @throws Error when it is refused, or nobody acknowledges it in a minute and a half. */
  async createJob(body: JobBody): Promise<string> {
    return (await this.insist('POST', '/v2/jobs', body)).id;
  }

  /** The job as it is now. */
  get(id: string): Promise<StackJob> {
    return this.insist('GET', `/v2/jobs/${id}`);
  }

  async delete(id: string): Promise<void> {
    await this.request('DELETE', `/v2/jobs/${id}`);
  }

  /** The job as soon as it has ended. @throws Error when it is still open after `withinMs`. */
  wait(id: string, withinMs = PATIENCE_MS): Promise<StackJob> {
    return this.until(id, ({ status }) => status === 'finished' || status === 'error', withinMs);
  }

  /** The job as soon as `wanted` accepts it. */
  async until(id: string, wanted: (job: StackJob) => boolean, withinMs = PATIENCE_MS): Promise<StackJob> {
    const end = Date.now() + withinMs;
    for (;;) {
      const job = await this.get(id);
      if (wanted(job)) return job;
      if (Date.now() > end) throw new Error(`the job stays as it is: ${JSON.stringify(job)}`);
      await pause(AGAIN_MS);
    }
  }

  /** Sends a file by the form of an upload task. */
  async upload({ url, parameters }: UploadForm, filename: string, content: Buffer): Promise<number> {
    const form = new FormData();
    for (const [name, value] of Object.entries(parameters)) form.append(name, value);
    form.append('file', new Blob([new Uint8Array(content)]), filename);
    const { status } = await fetch(url, { method: 'POST', body: form, redirect: 'manual', signal: AbortSignal.timeout(ANSWER_MS) });
    return status;
  }

  /** The bytes behind a URL of a result, from any gateway. */
  async download(url: string): Promise<Buffer> {
    const { pathname, search } = new URL(url);
    const answer = await this.ask('GET', pathname + search, undefined);
    return Buffer.from(await answer.arrayBuffer());
  }

  private async insist(method: string, url: string, body?: unknown): Promise<StackJob> {
    const answer = await this.ask(method, url, body);
    return ((await answer.json()) as { data: StackJob }).data;
  }

  private async ask(method: string, url: string, body: unknown): Promise<Response> {
    const headers: Record<string, string> = method === 'POST' ? { 'idempotency-key': randomUUID() } : {};
    const end = Date.now() + PATIENCE_MS;
    for (;;) {
      const answer = await this.request(method, url, { gateway: this.turn % this.gateways.length, body, headers }).catch((error: unknown) => error);
      if (answer instanceof Response && answer.ok) return answer;
      if (answer instanceof Response && answer.status < 502) throw new Error(`${method} ${url} answered ${answer.status}: ${await answer.text()}`);
      if (Date.now() > end) throw new Error(`${method} ${url}: no gateway answers`, { cause: answer });
      this.turn += 1;
      await pause(AGAIN_MS);
    }
  }
}
