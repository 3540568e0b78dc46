import { locateDataDir, type DataDir } from './data-dir';
import { variablesOf } from './settings';

/** A parsed command line, from up.cjs. */
export interface Invocation {
  readonly checkout: string;
  readonly values: Readonly<Record<string, string | boolean | string[] | undefined>>;
  readonly positionals: readonly string[];
}

/** An end that the person at the keyboard can do something about: its message is shown without a stack. */
export class Refusal extends Error {
  readonly forPeople = true;
}

/** The data folder that a command is about. */
export function dataDirOf({ checkout, values }: Pick<Invocation, 'checkout' | 'values'>): DataDir {
  const named = values['data-dir'] ?? variablesOf(checkout, process.env)['MILLRACE_DATA_DIR'];
  return locateDataDir(checkout, typeof named === 'string' && named !== '' ? named : undefined);
}
