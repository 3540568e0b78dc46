import { Failure } from '@millrace/failures';
import { isSealed, newJobKey, open, seal, unwrapKey, wrapKey } from '@millrace/signing';

type Options = Readonly<Record<string, unknown>>;

/** The wrapped key names no job: a retry copies it into a job of its own. What it opens is bound to task and field all the same. */
const WRAPPING = 'job-key';
const placeOf = (task: string, field: string): string => `${task}/${field}`;

/** Seals secret options of the tasks of one new job under one key, made with the first of them. */
export class OptionSealer {
  #key: Buffer | undefined;
  #wrapped: string | undefined;

  constructor(private readonly masterKey: Uint8Array) {}

  /** `options` with the values of `fields` sealed, bound to `task`. */
  seal(task: string, options: Options, fields: readonly string[]): Record<string, unknown> {
    const present = fields.filter((field) => Object.hasOwn(options, field));
    if (present.length === 0) return { ...options };
    const key = (this.#key ??= newJobKey());
    return { ...options, ...Object.fromEntries(present.map((field) => [field, seal(key, options[field], placeOf(task, field))])) };
  }

  /** The key for the job's row; undefined while nothing was sealed. */
  get wrappedKey(): string | undefined {
    if (this.#key) this.#wrapped ??= wrapKey(this.masterKey, this.#key, WRAPPING);
    return this.#wrapped;
  }
}

/** The names of the options of a task that are sealed. */
export const sealedFields = (options: Options): string[] => Object.keys(options).filter((field) => isSealed(options[field]));

/**
 * The options of `task` in the clear. Throws GONE when the job's key is no more, FORBIDDEN when a value was sealed elsewhere.
 */
export function openSealedOptions(masterKey: Uint8Array, options: Options, wrappedKey: string | undefined, task: string): Record<string, unknown> {
  const fields = sealedFields(options);
  if (fields.length === 0) return { ...options };
  if (wrappedKey === undefined) throw new Failure('GONE', 'The secrets of the task are no longer kept');
  const key = unwrapKey(masterKey, wrappedKey, WRAPPING);
  return { ...options, ...Object.fromEntries(fields.map((field) => [field, open(key, options[field] as { $sealed: string }, placeOf(task, field))])) };
}
