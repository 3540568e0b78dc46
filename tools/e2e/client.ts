import type { Stack } from '../testing/stack';
import { StackApi } from '../testing/stack-api';

/** One answer of the API, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A task as the API shows it. */
export interface TaskJson {
  readonly id: string;
  readonly name?: string;
  readonly job_id: string | null;
  readonly status: 'waiting' | 'processing' | 'finished' | 'error';
  readonly code: string | null;
  readonly message: string | null;
  readonly percent: number;
  readonly operation: string;
  readonly engine?: string | null;
  readonly engine_version?: string | null;
  readonly host_name: string | null;
  readonly started_at: string | null;
  readonly payload?: Readonly<Record<string, unknown>>;
  readonly result: {
    readonly files?: readonly { readonly filename: string; readonly size: number; readonly url?: string }[];
    readonly form?: { readonly url: string; readonly parameters: Readonly<Record<string, string>> };
  } | null;
}

/** A job as the API shows it. */
export interface JobJson {
  readonly id: string;
  readonly status: 'waiting' | 'processing' | 'finished' | 'error';
  readonly tag: string | null;
  readonly tasks: readonly TaskJson[];
}

/** Body of an error. */
export interface ErrorJson {
  readonly message: string;
  readonly code: string;
  readonly errors?: Readonly<Record<string, readonly string[]>>;
}

type Tasks = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** For answers that come only when a task has ended. */
const WAIT_MS = 60_000;

/** The API as a customer calls it, one request at a time, every answer looked at. */
export class Client {
  readonly api: StackApi;

  constructor(
    { gateways }: Pick<Stack, 'gateways'>,
    readonly key: string,
  ) {
    this.api = new StackApi(gateways, key);
  }

  /** The first account of a stack. */
  static of(stack: Stack): Client {
    return new Client(stack, stack.apiKey);
  }

  /** One request, whatever is answered. `body`: an object goes as JSON, a string as it is. */
  async call(method: string, url: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const answer = typeof body === 'string' ? await this.raw(method, url, body, headers) : await this.api.request(method, url, { body, headers, timeoutMs: WAIT_MS });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  }

  /** @throws Error when it is not answered with 201. */
  async createJob(tasks: Tasks, more: Readonly<Record<string, unknown>> = {}): Promise<JobJson> {
    return expectData<JobJson>(await this.call('POST', '/v2/jobs', { ...more, tasks }), 201);
  }

  async createTask(operation: string, options: Readonly<Record<string, unknown>> = {}): Promise<TaskJson> {
    return expectData<TaskJson>(await this.call('POST', `/v2/${operation}`, options), 201);
  }

  async job(id: string): Promise<JobJson> {
    return expectData<JobJson>(await this.call('GET', `/v2/jobs/${id}`), 200);
  }

  async task(id: string, include = ''): Promise<TaskJson> {
    return expectData<TaskJson>(await this.call('GET', `/v2/tasks/${id}?include=${include}`), 200);
  }

  /** The job once it has ended. */
  async ended(id: string): Promise<JobJson> {
    return expectData<JobJson>(await this.call('GET', `/v2/jobs/${id}/wait`), 200);
  }

  async endedTask(id: string): Promise<TaskJson> {
    return expectData<TaskJson>(await this.call('GET', `/v2/tasks/${id}/wait`), 200);
  }

  /** Creates and waits. */
  async run(tasks: Tasks, more: Readonly<Record<string, unknown>> = {}): Promise<JobJson> {
    return this.ended((await this.createJob(tasks, more)).id);
  }

  private raw(method: string, url: string, body: string, headers: Readonly<Record<string, string>>): Promise<Response> {
    const all = { authorization: `Bearer ${this.key}`, 'content-type': 'application/json', ...headers };
    return fetch(new URL(url, this.api.gateways[0]), { method, body, headers: all, signal: AbortSignal.timeout(WAIT_MS) });
  }
}

/** The resource of an answer. @throws Error with the whole answer when its status is another one. */
export function expectData<T>({ status, text }: Answer, wanted: number): T {
  if (status !== wanted) throw new Error(`${status} instead of ${wanted}: ${text}`);
  return (JSON.parse(text) as { data: T }).data;
}

/** The body of a refusal. @throws Error when it is not in the shape of the contract. */
export function errorOf({ status, text }: Answer): ErrorJson & { readonly status: number } {
  const body = JSON.parse(text) as ErrorJson;
  if (typeof body.message !== 'string' || typeof body.code !== 'string') throw new Error(`not the shape of an error: ${text}`);
  return { status, ...body };
}

/** A task of a job by its name. @throws Error when the job has none. */
export function taskNamed(job: JobJson, name: string): TaskJson {
  const task = job.tasks.find((candidate) => candidate.name === name);
  if (!task) throw new Error(`no task ${name} in ${JSON.stringify(job)}`);
  return task;
}

/** The URL of a file that an export made. */
export function fileUrl(task: TaskJson, index = 0): string {
  const url = task.result?.files?.[index]?.url;
  if (url === undefined) throw new Error(`no file ${index} in ${JSON.stringify(task)}`);
  return url;
}
