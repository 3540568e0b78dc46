import { z } from 'zod';

/** At most so many tasks stand in one job. */
export const TASKS_PER_JOB = 500;

const absent = (value: unknown): unknown => (value === null || value === '' ? undefined : value);

/** A reference to tasks: one name or id, or several. */
export const inputReference = z.preprocess(
  (value) => (value == null ? undefined : Array.isArray(value) ? value : [value]),
  z.array(z.string().min(1).max(255)).max(TASKS_PER_JOB).optional(),
);

/** One task of a job as clients send it: fields of the task itself, everything else is an option of its operation. */
export const taskBody = z.looseObject({
  operation: z.string({ error: 'The operation field is required.' }).min(1),
  input: inputReference,
  ignore_error: z.preprocess(absent, z.boolean().default(false)),
});
export type TaskBody = z.infer<typeof taskBody>;

export const TASK_NAME = /^[A-Za-z0-9_-]{1,128}$/;

/** Body of POST /v2/jobs. */
export const createJobBody = z.object({
  tasks: z.record(z.string(), taskBody, { error: 'The tasks field is required.' }),
  tag: z.preprocess(absent, z.string().max(1024).nullable().default(null)),
  webhook_url: z.preprocess(absent, z.string().max(2048).nullable().default(null)),
});
export type CreateJobBody = z.infer<typeof createJobBody>;

/** The four statuses of the wire. */
export type WireStatus = 'waiting' | 'processing' | 'finished' | 'error';

/** Scopes of API keys, contract §2.2. */
export const SCOPES = ['user.read', 'user.write', 'task.read', 'task.write', 'webhook.read', 'webhook.write'] as const;
export type Scope = (typeof SCOPES)[number];

/** A task as the API shows it; keys in the order of recorded traffic (contract §4.2). */
export interface TaskResource {
  id: string;
  name?: string;
  job_id: string | null;
  status: WireStatus;
  credits: number | null;
  code: string | null;
  message: string | null;
  percent: number;
  operation: string;
  engine?: string | null;
  engine_version?: string | null;
  payload?: Record<string, unknown>;
  result: Record<string, unknown> | null;
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
  retry_of_task_id: string | null;
  copy_of_task_id: string | null;
  user_id: number;
  priority: number;
  host_name: string | null;
  storage: string | null;
  region: string;
  depends_on_task_ids: string[];
  /** These three only where `include` asks for them: strict clients stumble over them. */
  depends_on_tasks?: TaskResource[];
  retries?: TaskResource[];
  job?: JobSummary | null;
  links: { self: string };
}

/** A job without its tasks, as lists show it. */
export type JobSummary = Omit<JobResource, 'tasks'>;

/** A job as the API shows it (contract §3.3). */
export interface JobResource {
  id: string;
  tag: string | null;
  status: WireStatus;
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
  tasks: TaskResource[];
  links: { self: string };
}

/** Body of every error answer (contract §12.1). */
export interface ErrorBody {
  message: string;
  code: string;
  errors?: Record<string, readonly string[]>;
}
