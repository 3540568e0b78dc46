import type { FileRef, ReportOutcome } from '@millrace/contracts';
import type { JobDefinition, TaskDefinition } from './state';

/** A task as the planner made it: checked, its secrets sealed, its steps chosen. */
export interface TaskPlan extends TaskDefinition {
  /** Files that are there already: content of the request, or outputs that a retry takes over. */
  readonly content?: { readonly run: string; readonly files: readonly FileRef[] };
}

/** A task of another stream as it stood when this one was created. */
export interface ForeignOutcome {
  readonly task: string;
  readonly outcome: 'pending' | 'finished' | 'failed';
  readonly files: readonly FileRef[];
}

interface At {
  /** Database time of the decision, ISO. */
  readonly now: string;
}

export interface CreateJob extends At, JobDefinition {
  readonly type: 'CreateJob';
  readonly tasks: readonly TaskPlan[];
  readonly foreign: readonly ForeignOutcome[];
}

export interface UploadReceived extends At {
  readonly type: 'UploadReceived';
  readonly task: string;
  readonly run: string;
  readonly files: readonly FileRef[];
}

export interface ClaimTask extends At {
  readonly type: 'ClaimTask';
  readonly task: string;
  readonly step: number;
  readonly attempt: number;
  readonly losses: number;
  readonly run: string;
  readonly worker: string;
  readonly engineVersion: string;
}

export interface ReportTask extends At {
  readonly type: 'ReportTask';
  readonly task: string;
  readonly run: string;
  /** With its files in hand: a manifest was read before. */
  readonly outcome: Exclude<ReportOutcome, { status: 'finished' }> | (Extract<ReportOutcome, { status: 'finished' }> & { files: FileRef[] });
}

export interface ResolveInput extends At {
  readonly type: 'InputResolved';
  readonly input: string;
  readonly outcome: 'finished' | 'failed';
  readonly files: readonly FileRef[];
}

export interface CancelTask extends At {
  readonly type: 'CancelTask';
  readonly task: string;
}

export interface DeleteTask extends At {
  readonly type: 'DeleteTask';
  readonly task: string;
}

export interface DeleteJob extends At {
  readonly type: 'DeleteJob';
}

/** A row of `job_timers` came due. What it ends is decided by the state, so that a stale timer ends nothing. */
export interface TimerFired extends At {
  readonly type: 'TimerFired';
  readonly timer: 'upload' | 'lease' | 'timeout' | 'queue' | 'retention';
  readonly task: string | null;
  /** Only for `lease` and `timeout`: the run that the timer was set for. */
  readonly run: string | null;
}

export type Command = CreateJob | UploadReceived | ClaimTask | ReportTask | ResolveInput | CancelTask | DeleteTask | DeleteJob | TimerFired;
