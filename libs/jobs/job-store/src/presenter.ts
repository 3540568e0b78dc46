import type { JobResource, JobSummary, TaskResource } from '@millrace/contracts';
import { ARCHIVE_NAME } from './links';
import type { JobRow, TaskRow } from './rows';

/** Makes the URLs that resources show; given by the gateway's configuration. */
export interface Links {
  /** Absolute, without `/v2`, as customers reach it. */
  readonly publicUrl: string;
  /** The same of the host that files are on; often one and the same. */
  readonly storageUrl: string;
  /** A signed download URL of a file, valid while the task is: it follows from when the task ended (ISO), so that each read shows the same. */
  download(task: string, file: { blob: string; name: string }, inline: boolean, endedAt: string): string;
  /** The same of all files of a task in one zip, which is made while it is sent. */
  archive(task: string, inline: boolean, endedAt: string): string;
  /** The upload form of a waiting import/upload. */
  uploadForm(task: string, until: string, options: Readonly<Record<string, unknown>>): { url: string; parameters: Record<string, string> };
}

/** ISO seconds with a numeric offset, never `Z` (contract §1.3). */
export const wireTime = (iso: string): string => `${new Date(iso).toISOString().slice(0, 19)}+00:00`;
const orNull = (iso: string | null): string | null => (iso === null ? null : wireTime(iso));

const isTransfer = (operation: string): boolean => operation.startsWith('import/') || operation.startsWith('export/');

/** The files of an export/url, each with its URL, or one zip of them; how large that is knows only who lays it out. */
function exported({ id, view, ended_at: endedAt }: TaskRow, links: Links): object[] {
  const inline = view.options['inline'] === true;
  if (view.options['archive_multiple_files'] === true && view.files.length > 1) return [{ filename: ARCHIVE_NAME, url: links.archive(id, inline, endedAt!) }];
  return view.files.map((file) => ({ filename: file.name, size: file.size, url: links.download(id, file, inline, endedAt!) }));
}

function result(task: TaskRow, links: Links): Record<string, unknown> | null {
  const { view } = task;
  if (task.phase === 'uploading') return { form: links.uploadForm(task.id, view.uploadUntil!, view.options) };
  if (task.phase !== 'finished') return null;
  return {
    files: task.operation === 'export/url' ? exported(task, links) : view.files.map(({ name, size }) => ({ filename: name, size })),
    ...(view.metadata && { metadata: view.metadata }),
    ...(view.output !== null && { output: view.output }),
  };
}

/** What `include` adds to a task. */
export type IncludedInTask = Pick<TaskResource, 'depends_on_tasks' | 'retries' | 'job'>;

/** A task as the API shows it. `percent` comes from the progress table while it runs. */
export function presentTask(task: TaskRow, links: Links, extras: { percent?: number | undefined; payload?: boolean; included?: IncludedInTask } = {}): TaskResource {
  const ended = task.status === 'finished' || task.status === 'error';
  return {
    id: task.id,
    ...(task.kind === 'job' && { name: task.name ?? '' }),
    job_id: task.kind === 'job' ? task.stream : null,
    status: task.status,
    credits: ended ? 0 : null,
    code: task.code,
    message: task.phase === 'uploading' ? 'Waiting for file upload' : task.message,
    percent: ended ? 100 : (extras.percent ?? 0),
    operation: task.operation,
    ...(!isTransfer(task.operation) && { engine: task.engine, engine_version: task.engine_version }),
    ...(extras.payload && { payload: openOptions(task.view.options) }),
    result: result(task, links),
    created_at: wireTime(task.created_at),
    started_at: orNull(task.started_at),
    ended_at: orNull(task.ended_at),
    retry_of_task_id: task.retry_of,
    copy_of_task_id: task.retry_of,
    user_id: task.account,
    priority: task.priority,
    host_name: task.view.worker,
    storage: null,
    region: task.region,
    depends_on_task_ids: [...task.view.inputs],
    ...extras.included,
    links: { self: `${links.publicUrl}/v2/tasks/${task.id}` },
  };
}

/** Options without what was sealed: a secret can never be read again over the API. */
function openOptions(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => !(typeof value === 'object' && value !== null && '$sealed' in value)));
}

/** Exports first in a finished job, as old scripts read `tasks[0].result.files`; creation order before (contract §3.3). */
function inWireOrder(job: JobRow, tasks: readonly TaskRow[]): TaskRow[] {
  const exportsFirst = (task: TaskRow): number => (job.status === 'finished' && task.operation.startsWith('export/') ? 0 : 1);
  return [...tasks].sort((a, b) => exportsFirst(a) - exportsFirst(b) || a.ordinal - b.ordinal);
}

/** A job without its tasks, as lists show it. */
export function presentJobSummary(job: JobRow, links: Links): JobSummary {
  return {
    id: job.id,
    tag: job.tag,
    status: job.status,
    created_at: wireTime(job.created_at),
    started_at: orNull(job.started_at),
    ended_at: orNull(job.ended_at),
    links: { self: `${links.publicUrl}/v2/jobs/${job.id}` },
  };
}

/** A job as the API shows it. */
export function presentJob(job: JobRow, tasks: readonly TaskRow[], links: Links, percents: ReadonlyMap<string, number> = new Map()): JobResource {
  const { links: self, ...head } = presentJobSummary(job, links);
  return { ...head, tasks: inWireOrder(job, tasks).map((task) => presentTask(task, links, { percent: percents.get(task.id) })), links: self };
}
