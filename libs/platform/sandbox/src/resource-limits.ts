import os from 'node:os';
import type { RunLimits } from './spec';

/** Room above the limit of processes where the kernel counts them, so that the watcher, which reports the limit, is the first to see it. */
export const PROCESS_SLACK = 16;

/** Linux 5.14 began to count RLIMIT_NPROC per user namespace; before, it counts all the user's processes on the host. */
function countsProcessesPerNamespace(): boolean {
  const [major = 0, minor = 0] = os.release().split('.').map((part) => Number.parseInt(part, 10));
  return major > 5 || (major === 5 && minor >= 14);
}

/**
 * `argv` under the kernel's own limits, set by prlimit (util-linux).
 * No address-space limit: V8, Chromium and LibreOffice reserve far more than they use, and hang under one.
 * RLIMIT_NPROC does not bind root (a control group does, where there is one), nor can it be told apart where there is no namespace; the
 * watcher counts in any case.
 */
export function underResourceLimits(argv: readonly string[], limits: RunLimits, jailed: boolean): string[] {
  const bound = ['--core=0', `--fsize=${Math.ceil(limits.outputBytes)}`, `--nofile=${limits.openFiles}`];
  // The soft limit sends SIGXCPU, which names its cause; the hard one a second later is SIGKILL.
  if (limits.cpuS !== undefined) bound.push(`--cpu=${Math.ceil(limits.cpuS)}:${Math.ceil(limits.cpuS) + 1}`);
  if (jailed && process.getuid?.() !== 0 && countsProcessesPerNamespace()) bound.push(`--nproc=${limits.processes + PROCESS_SLACK}`);
  return ['/usr/bin/prlimit', ...bound, '--', ...argv];
}
