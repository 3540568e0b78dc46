import { z } from 'zod';
import { ERROR_CODES, type ErrorCode } from './error-codes';
import { fileRef } from './files';

const id = z.uuid();
const code = z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]);

/** An invitation on WORK: come and claim this. Never a claim by itself. */
export const invitation = z.object({
  stream: id,
  task: id,
  step: z.int().nonnegative(),
  attempt: z.int().positive(),
  /** Runs that the task lost so far: tells this stay in the queue from the next one of the same attempt. */
  losses: z.int().nonnegative(),
  engine: z.string(),
  /** The task lost its process twice: it must have a worker process for itself. */
  alone: z.boolean(),
  traceparent: z.string().optional(),
});
export type Invitation = z.infer<typeof invitation>;

export const claimRequest = z.object({
  stream: id,
  task: id,
  step: z.int().nonnegative(),
  attempt: z.int().positive(),
  /** As in the invitation. A claim that was answered `gone` and arrives once more, late, must not win the next stay in the queue. */
  losses: z.int().nonnegative(),
  /** A fresh id of this claim; it is the fencing token of everything the run does. */
  run: id,
  worker: z.string(),
  engineVersion: z.string(),
});
export type ClaimRequest = z.infer<typeof claimRequest>;

export const claimInput = fileRef.extend({ task: id });
export type ClaimInput = z.infer<typeof claimInput>;

export const claimAnswer = z.discriminatedUnion('verdict', [
  z.object({ verdict: z.literal('gone') }),
  z.object({
    verdict: z.literal('go'),
    job: id.nullable(),
    account: z.int(),
    operation: z.string(),
    options: z.record(z.string(), z.unknown()),
    /** Either the inputs, or the blob that lists them as a JSON array. */
    inputs: z.array(claimInput).optional(),
    manifest: z.string().optional(),
    /** Ms since the epoch, database time. */
    deadline: z.number(),
    /** Ms left until the deadline, for workers whose clock differs. */
    remainingMs: z.number(),
    lastStep: z.boolean(),
  }),
]);
export type ClaimAnswer = z.infer<typeof claimAnswer>;

export const beatRequest = z.object({ stream: id, task: id, run: id, percent: z.int().min(0).max(100).optional() });
export type BeatRequest = z.infer<typeof beatRequest>;
export const beatAnswer = z.object({ verdict: z.enum(['continue', 'stop']) });
export type BeatAnswer = z.infer<typeof beatAnswer>;

export const reportOutcome = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('finished'),
    files: z.array(fileRef).optional(),
    manifest: z.string().optional(),
    message: z.string().max(2000).nullable(),
    metadata: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).nullable(),
    output: z.string().max(16_000).nullable(),
  }),
  z.object({ status: z.literal('failed'), code, message: z.string().max(2000) }),
]);
export type ReportOutcome = z.infer<typeof reportOutcome>;

export const reportRequest = z.object({
  stream: id,
  task: id,
  step: z.int().nonnegative(),
  attempt: z.int().positive(),
  run: id,
  outcome: reportOutcome,
});
export type ReportRequest = z.infer<typeof reportRequest>;
export const reportAnswer = z.object({ verdict: z.enum(['confirmed', 'refused']) });
export type ReportAnswer = z.infer<typeof reportAnswer>;

/** What a worker process says of itself every few seconds. */
export const poolAnnouncement = z.object({
  worker: z.string(),
  pool: z.string(),
  region: z.string(),
  slots: z.int().positive(),
  free: z.int().nonnegative(),
  engines: z.array(z.object({ name: z.string(), version: z.string() })),
});
export type PoolAnnouncement = z.infer<typeof poolAnnouncement>;

export const logReadRequest = z.object({ after: z.int().nonnegative(), limit: z.int().positive().max(1000).default(100) });
export type LogReadRequest = z.infer<typeof logReadRequest>;

/** A thin fact on EVENTS and in answers of `log.read`. */
export const fact = z.object({
  position: z.int(),
  id: z.string(),
  type: z.string(),
  account: z.int(),
  job: id,
  task: id.optional(),
  version: z.int(),
  at: z.string(),
});
export type Fact = z.infer<typeof fact>;

/** `position` is where to read on from: it moves over what is told to nobody, so a page may be empty before the end. The end is reached when it stands still. */
export const logReadAnswer = z.object({ facts: z.array(fact), position: z.int() });
export type LogReadAnswer = z.infer<typeof logReadAnswer>;
