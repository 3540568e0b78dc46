import { z } from 'zod';
import type { OperationDeclaration } from '../declaration';
import { integer } from '../fields';

const DAY_MS = 86_400_000;

const options = z.object({
  mode: z
    .enum(['noop', 'sleep', 'crash', 'hang', 'ignore_sigterm', 'garbage', 'nothing', 'too_much', 'progress', 'copy', 'kill_worker', 'fail'])
    .default('noop'),
  ms: integer(0, DAY_MS).optional(),
  /** It misbehaves in the first so many attempts only. */
  times: integer(0, 1000).optional(),
  bytes: integer(0, 2 ** 40).optional(),
});

const fault = (operation: string, ...engines: string[]): OperationDeclaration => ({
  operation,
  kind: 'process',
  input: 'many',
  inputOptional: true,
  place: 'worker',
  group: 'fault',
  options,
  steps: engines.map((engine) => ({ engine, version: 'any' })),
});

/** Offered only where the fault engine is switched on. */
export const faultOperations: readonly OperationDeclaration[] = [
  fault('fault', 'fault'),
  fault('fault/two-step', 'fault-media', 'fault-document'),
];
