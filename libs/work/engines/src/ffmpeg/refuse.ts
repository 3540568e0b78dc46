import { Failure } from '@millrace/failures';

/** INVALID_INPUT for options that do not go together, with the file or with the format; the type of a file is known at run time only. */
export const refuse = (sentence: string): Failure => new Failure('INVALID_INPUT', sentence);

/** Those of `names` that are given. */
export function given<T extends object>(options: T, names: readonly (keyof T & string)[]): string[] {
  return names.filter((name) => options[name] != null);
}

/** @throws Failure INVALID_INPUT naming the options of `names` that are given, because of `reason`. */
export function assertAbsent<T extends object>(options: T, names: readonly (keyof T & string)[], reason: string): void {
  const present = given(options, names);
  if (present.length > 0) throw refuse(`${reason}: leave out ${present.join(', ')}`);
}
