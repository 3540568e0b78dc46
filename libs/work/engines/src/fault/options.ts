import { z } from 'zod';
import { Failure } from '@millrace/failures';

const MODES = ['noop', 'sleep', 'crash', 'hang', 'ignore_sigterm', 'garbage', 'nothing', 'too_much', 'progress', 'copy', 'kill_worker', 'fail'] as const;

/** A way to behave: `noop` and `copy` succeed at once, `sleep` and `progress` after `ms`, all others misbehave as they are called. */
export type FaultMode = (typeof MODES)[number];

const schema = z.object({
  mode: z.enum(MODES).default('noop'),
  /** Milliseconds of `sleep` and `progress`. */
  ms: z.coerce.number().min(0).max(86_400_000).default(0),
  /** Misbehave only while the attempt is not above this; later attempts copy. */
  times: z.coerce.number().int().min(0).optional(),
  /** Size of the output; 0 or absent means that the inputs are copied (`garbage`: 1 KiB). */
  bytes: z.coerce.number().int().min(0).default(0),
  /** The code of `fail`. */
  code: z.string().default('INVALID_INPUT'),
});

export type FaultOptions = z.output<typeof schema>;

/**
 * The options of a fault task, with the mode it has at this attempt.
 * @throws Failure INVALID_INPUT for options that the catalog should have refused.
 */
export function faultOptions(options: Readonly<Record<string, unknown>>, attempt: number): FaultOptions {
  const parsed = schema.safeParse(options);
  if (!parsed.success) throw new Failure('INVALID_INPUT', `The option ${parsed.error.issues[0]!.path.join('.')} is invalid`, { cause: parsed.error });
  return parsed.data.times !== undefined && attempt > parsed.data.times ? { ...parsed.data, mode: 'copy' } : parsed.data;
}
