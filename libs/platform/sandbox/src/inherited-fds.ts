import { readFileSync, readdirSync } from 'node:fs';

const O_CLOEXEC = 0o2000000;

/**
 * Descriptors above 2 that every child of this process would get: those its own parent left open for it (Node marks all it opens itself).
 * A jailed program must not hold them: they reach past every wall.
 */
export function inheritedFds(): number[] {
  return readdirSync('/proc/self/fd')
    .map(Number)
    .filter((fd) => fd > 2 && !(flagsOf(fd) & O_CLOEXEC));
}

function flagsOf(fd: number): number {
  try {
    return Number.parseInt(/^flags:\s+([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1] ?? '0', 8);
  } catch (error) {
    // The descriptor of the listing itself is closed by now.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return O_CLOEXEC;
    throw error;
  }
}
