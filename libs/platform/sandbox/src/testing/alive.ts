import { readdirSync, readFileSync } from 'node:fs';

/** How many processes of the host hold `mark` in their command line. Throws the error of a process that cannot be read for another reason than its end. */
export function alive(mark: string): number {
  const holds = (pid: string): boolean => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(mark);
    } catch (error) {
      if (!['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
      return false;
    }
  };
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && holds(name)).length;
}
