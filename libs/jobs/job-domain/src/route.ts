import type { ErrorCode, FileRef, StepPlan } from '@millrace/contracts';
import type { TaskState } from './state';

/** A task whose inputs are there. */
export interface RouteRequest {
  readonly operation: string;
  /** As submitted and checked; secret fields are sealed. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Those of its creation, when nobody knew what its inputs would be. */
  readonly steps: readonly StepPlan[];
  readonly files: readonly FileRef[];
}

/** The steps to take, never none; or how the task fails. */
export type Route = { readonly steps: readonly StepPlan[] } | { readonly code: ErrorCode; readonly message: string };

/**
 * Chooses the steps of a task by what its inputs are. Pure and total: the same request has the same answer for ever,
 * since a decision may be repeated, and an error would leave its job waiting.
 */
export type RoutePlanner = (request: RouteRequest) => Route;

/** The planner that leaves every task as it was planned at its creation. */
export const asPlanned: RoutePlanner = ({ steps }) => ({ steps });

const canonical = ({ engine, version, operation, set = {} }: StepPlan): unknown[] => [engine, version, operation ?? null, Object.entries(set).sort(([a], [b]) => (a < b ? -1 : 1))];

/** True when both lists have the same steps. */
export const sameSteps = (a: readonly StepPlan[], b: readonly StepPlan[]): boolean => JSON.stringify(a.map(canonical)) === JSON.stringify(b.map(canonical));

/** What the planner is asked about `task`, whose inputs gave `files`. */
export const routeRequest = ({ operation, options, steps }: TaskState, files: readonly FileRef[]): RouteRequest => ({ operation, options, steps, files });
