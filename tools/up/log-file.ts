import { closeSync, copyFileSync, existsSync, openSync, readSync, statSync, truncateSync } from 'node:fs';

/** A log is copied to `<name>.1` and emptied above this size, bytes. */
export const MAX_LOG_BYTES = 20 * 1024 * 1024;

/**
 * Keeps a log from filling the disk. Processes write to it by themselves (append mode), so that they do not depend on the
 * supervisor; it is therefore copied and emptied, and a line written in between may be lost.
 */
export function rotate(file: string, maxBytes = MAX_LOG_BYTES): void {
  if (!existsSync(file) || statSync(file).size <= maxBytes) return;
  copyFileSync(file, `${file}.1`);
  truncateSync(file);
}

const TAIL_BYTES = 64 * 1024;

/** The last lines of a log. */
export function lastLines(file: string, count: number): string[] {
  if (!existsSync(file)) return [];
  const { size } = statSync(file);
  const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
  const fd = openSync(file, 'r');
  try {
    readSync(fd, buffer, 0, buffer.length, size - buffer.length);
  } finally {
    closeSync(fd);
  }
  return buffer.toString('utf8').trimEnd().split('\n').slice(-count);
}
