import { AsyncLocalStorage } from 'node:async_hooks';

/** Fields that every line carries, such as `job_id` and `task_id`. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

const storage = new AsyncLocalStorage<LogFields>();

/** Runs `fn` so that each line logged by it, or by what it awaits, carries `fields`; nested calls add to the outer ones. */
export const withLogFields = <T>(fields: LogFields, fn: () => T): T => storage.run({ ...storage.getStore(), ...fields }, fn);

/** The fields set by the calls of `withLogFields` around this code. */
export const currentLogFields = (): LogFields => storage.getStore() ?? {};
