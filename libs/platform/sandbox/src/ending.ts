import os from 'node:os';
import type { ExceededLimit } from './spec';

/** How a program ended. */
export interface Ending {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

const SIGNAL_NAMES = new Map(Object.entries(os.constants.signals).map(([name, number]) => [number, name]));

/** bwrap, like a shell, reports the signal that ended a program as exit code 128 + n. */
export function endingOf(code: number | null, signal: string | null): Ending {
  const named = code === null ? undefined : SIGNAL_NAMES.get(code - 128);
  return named === undefined ? { exitCode: code, signal } : { exitCode: null, signal: named };
}

/** The limit that the kernel itself enforced by this signal. */
export function limitOfSignal(signal: string | null): ExceededLimit | undefined {
  if (signal === 'SIGXFSZ') return 'output';
  return signal === 'SIGXCPU' ? 'cpu' : undefined;
}
