import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { ApiError } from './api-error';
import type { Platform } from './platform';
import { sendFile, type Form } from './upload';

export interface Task {
  readonly name?: string;
  readonly status: 'waiting' | 'processing' | 'finished' | 'error';
  readonly percent: number;
  readonly code: string | null;
  readonly message: string | null;
  readonly engine?: string | null;
  readonly result: { readonly form?: Form; readonly files?: readonly { readonly filename: string; readonly url?: string }[] } | null;
}

export interface Job {
  readonly id: string;
  readonly status: Task['status'];
  readonly tasks: readonly Task[];
}

export interface Operation {
  readonly engine: string | null;
  readonly options?: readonly { readonly name: string; readonly type: string; readonly default?: unknown; readonly possible_values?: readonly string[] | null }[];
}

const LOOK_MS = 250;

/** The few calls that a conversion takes. */
export class Api {
  constructor(private readonly platform: Platform) {}

  createJob(body: unknown): Promise<Job> {
    return this.call('POST', '/v2/jobs', body);
  }

  /** Sends a file by the form of an upload task. */
  async upload(form: Form, file: string, sent: (bytes: number) => void): Promise<void> {
    await sendFile({ ...form, url: this.reach(form.url) }, file, sent);
  }

  /** The job once it has ended; each look before goes to `looked`. */
  async ended(id: string, looked: (job: Job) => void): Promise<Job> {
    for (;;) {
      const job = await this.call<Job>('GET', `/v2/jobs/${id}`);
      looked(job);
      if (job.status === 'finished' || job.status === 'error') return job;
      await pause(LOOK_MS);
    }
  }

  /** Writes what is behind `url` to `file`, whole or not at all. */
  async download(url: string, file: string): Promise<void> {
    const answer = await fetch(this.reach(url));
    if (!answer.ok || answer.body === null) throw new ApiError(`The download answered ${answer.status} ${answer.statusText}.`);
    const half = `${file}.part`;
    try {
      await pipeline(Readable.fromWeb(answer.body as never), createWriteStream(half));
      await rename(half, file);
    } catch (error) {
      await rm(half, { force: true });
      throw error;
    }
  }

  async delete(id: string): Promise<void> {
    await fetch(`${this.platform.baseUrl}/v2/jobs/${id}`, { method: 'DELETE', headers: this.headers() });
  }

  operations(from: string, to: string): Promise<Operation[]> {
    return this.call('GET', `/v2/operations?${new URLSearchParams({ 'filter[operation]': 'convert', 'filter[input_format]': from, 'filter[output_format]': to, include: 'options' })}`);
  }

  /** Links name the public address; a platform of this machine is asked where it listens. */
  private reach(url: string): string {
    if (!this.platform.local) return url;
    const { pathname, search } = new URL(url);
    return `${this.platform.baseUrl}${pathname}${search}`;
  }

  private headers(): Record<string, string> {
    return { authorization: `Bearer ${this.platform.key}` };
  }

  private async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(`${this.platform.baseUrl}${path}`, {
      method,
      headers: { ...this.headers(), ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new ApiError(refusal(answer.status, text));
    return (JSON.parse(text) as { data: T }).data;
  }
}

/** What an error body says, field by field. */
function refusal(status: number, text: string): string {
  try {
    const { message, code, errors = {} } = JSON.parse(text) as { message: string; code: string; errors?: Record<string, string[]> };
    const fields = Object.entries(errors).map(([field, sentences]) => `\n  ${field.replace(/^tasks\.work\./, '')}: ${sentences.join(' ')}`);
    return `${message} (${code})${fields.join('')}`;
  } catch {
    return `The platform answered ${status}: ${text.slice(0, 500)}`;
  }
}
