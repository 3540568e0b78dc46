import { z } from 'zod';
import { ERROR_CODES, type ErrorCode } from './error-codes';
import { fileRef, FILES_PER_EVENT } from './files';

const id = z.uuid();
const at = z.iso.datetime();
const code = z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]);
const step = z.int().nonnegative();
const attempt = z.int().positive();
const files = z.array(fileRef).max(FILES_PER_EVENT);

/**
 * One step of a task: the engine that does it, and the version asked for ("any" when none was). A step of a route through several engines
 * is told its own `operation`, and options that are `set` over those of the task; null takes one away.
 */
export const stepPlan = z.object({
  engine: z.string(),
  version: z.string().default('any'),
  operation: z.string().optional(),
  set: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).optional(),
});
export type StepPlan = z.infer<typeof stepPlan>;

/**
 * Every event of the job log by name: data of schema version 1.
 * Each carries `at`, the database time of its decision, so that a fold needs no clock.
 */
export const EVENT_SCHEMAS = {
  /** The graph. Inputs are indexes into `tasks`, or ids of tasks in other streams. */
  JobCreated: z.object({
    at,
    kind: z.enum(['job', 'task']),
    account: z.int(),
    apiKey: id.nullable(),
    tag: z.string().nullable(),
    webhookUrl: z.string().nullable(),
    region: z.string(),
    priority: z.int(),
    retryOfJob: id.nullable(),
    /** W3C traceparent of the request that made the job; all that follows belongs to its trace. */
    trace: z.string().nullable(),
    tasks: z.array(z.object({ id, name: z.string().nullable(), inputs: z.array(z.union([z.int().nonnegative(), id])) })),
  }),
  TaskDefined: z.object({
    at,
    task: id,
    operation: z.string(),
    /** As submitted and checked; secret fields are sealed. */
    options: z.record(z.string(), z.unknown()),
    steps: z.array(stepPlan),
    ignoreError: z.boolean(),
    timeoutMs: z.int().positive(),
    retryOf: id.nullable(),
  }),
  /** Its inputs are there: other steps than those it was defined with, chosen by what the inputs are. */
  TaskRouted: z.object({ at, task: id, steps: z.array(stepPlan).min(1) }),
  TaskAwaitingUpload: z.object({ at, task: id, expiresAt: at }),
  /** Waits in the queue of its engine; `notBefore` is the end of a backoff. From two losses on the task runs alone in its process. */
  TaskQueued: z.object({ at, task: id, step, attempt, engine: z.string(), version: z.string(), losses: z.int().nonnegative(), notBefore: at.nullable() }),
  TaskStarted: z.object({ at, task: id, step, attempt, run: id, worker: z.string(), engineVersion: z.string().nullable(), leaseUntil: at, deadline: at }),
  FilesStored: z.object({ at, task: id, step, run: id, files }),
  TaskFinished: z.object({
    at,
    task: id,
    message: z.string().nullable(),
    metadata: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).nullable(),
    output: z.string().nullable(),
  }),
  AttemptFailed: z.object({ at, task: id, step, attempt, run: id, code, message: z.string() }),
  AttemptLost: z.object({ at, task: id, step, attempt, run: id, reason: z.string() }),
  TaskFailed: z.object({ at, task: id, code, message: z.string() }),
  TaskCancelled: z.object({ at, task: id }),
  TaskDeleted: z.object({ at, task: id }),
  /** A task of another stream, that tasks of this one wait for, ended. `more` marks all but the last chunk of its files. */
  InputResolved: z.object({ at, input: id, outcome: z.enum(['finished', 'failed']), files, more: z.boolean() }),
  JobFinished: z.object({ at }),
  JobFailed: z.object({ at }),
  JobDeleted: z.object({ at }),
  /** Retention ended: references and the sealing key are gone, the job answers 404. */
  FilesExpired: z.object({ at }),
} as const;

export type EventType = keyof typeof EVENT_SCHEMAS;
export type EventData<T extends EventType> = z.infer<(typeof EVENT_SCHEMAS)[T]>;
/** A decided event before it is stored. `terminal` marks the one event that ends the stream's job. */
export type JobEvent = { [T in EventType]: { readonly type: T; readonly data: EventData<T>; readonly terminal?: boolean } }[EventType];

/** No event may be larger than this many bytes of JSON. */
export const EVENT_MAX_BYTES = 64 * 1024;
export const EVENT_SCHEMA_VERSION = 1;
