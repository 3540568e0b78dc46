import { Failure, isFailure } from '@millrace/failures';
import type { z } from 'zod';

/** Collects messages per field, so that a client sees every mistake of its request at once. */
export class FieldErrors {
  readonly #errors = new Map<string, string[]>();

  add(field: string, message: string): void {
    this.#errors.set(field, [...(this.#errors.get(field) ?? []), message]);
  }

  addIssues(error: z.ZodError, root: string): void {
    for (const issue of error.issues) this.add(issue.path.length === 0 ? root : issue.path.map(String).join('.'), issue.message);
  }

  /** Runs `check` and notes an INVALID_DATA with fields under `prefix`; every other failure goes on, its fields under `prefix` as well. */
  collect<T>(prefix: string, check: () => T): T | undefined {
    try {
      return check();
    } catch (error) {
      if (!isFailure(error) || !error.errors) throw error;
      const fields = Object.entries(error.errors);
      if (error.code !== 'INVALID_DATA') {
        throw new Failure(error.code, error.publicMessage, { cause: error, errors: Object.fromEntries(fields.map(([field, messages]) => [prefix + field, messages])) });
      }
      for (const [field, messages] of fields) messages.forEach((message) => this.add(prefix + field, message));
      return undefined;
    }
  }

  /** Throws INVALID_DATA when anything was noted. */
  throwIfAny(): void {
    if (this.#errors.size > 0) throw new Failure('INVALID_DATA', 'The given data was invalid.', { errors: Object.fromEntries(this.#errors) });
  }
}
