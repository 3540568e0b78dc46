import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import type { Bind, RunSpec } from './spec';

/** What /tmp and /dev/shm hold each, where a spec says nothing. */
export const TMP_BYTES = 64 * 1024 * 1024;

/** What an ordinary program finds in every jail. */
export const JAIL_ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/tmp', TMPDIR: '/tmp', LANG: 'C.UTF-8' } as const;

/** File descriptors through which bwrap gets what must not stand in its own command line, and on which it reports. */
export const JAIL_FDS = { secrets: 3, status: 4, arguments: 5, seccomp: 6, gate: 7 } as const;

/** Options that not every bwrap has (0.8.0 of Debian 12 has both). */
export interface JailFeatures {
  readonly disableUserns: boolean;
  readonly tmpfsSize: boolean;
}

/**
 * The read-only system: /usr, the folders that link into it (or stand beside it), and what fonts and alternatives need. Without their cache
 * each program that draws text reads all fonts anew: 300 ms instead of 50.
 */
function systemBinds(): string[] {
  const found = ['--ro-bind', '/usr', '/usr'];
  for (const dir of ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32']) {
    if (!existsSync(dir)) continue;
    found.push(...(lstatSync(dir).isSymbolicLink() ? ['--symlink', readlinkSync(dir), dir] : ['--ro-bind', dir, dir]));
  }
  for (const entry of ['/etc/fonts', '/var/cache/fontconfig', '/etc/alternatives', '/etc/ld.so.cache']) {
    if (existsSync(entry)) found.push('--ro-bind', entry, entry);
  }
  return found;
}

const binds = (option: string, list: readonly Bind[]) => list.flatMap(({ from, to }) => [option, from, to ?? from]);

/** The options of bwrap for `spec`, without the program. `seccomp` tells whether a filter waits on its descriptor. */
export function jailArguments(spec: RunSpec, features: JailFeatures, seccomp: boolean): string[] {
  const tmpfs = (at: string) => [...(features.tmpfsSize ? ['--size', String(spec.limits.tmpBytes ?? TMP_BYTES)] : []), '--tmpfs', at];
  return [
    // -all alone would only try for a user namespace; --disable-userns needs a certain one.
    ...['--unshare-all', '--unshare-user', '--die-with-parent', '--new-session', '--clearenv'],
    ...Object.entries({ ...JAIL_ENVIRONMENT, ...spec.env }).flatMap(([name, value]) => ['--setenv', name, value]),
    ...(features.disableUserns ? ['--disable-userns'] : []),
    ...['--uid', '65534', '--gid', '65534', '--hostname', 'jail', '--cap-drop', 'ALL'],
    ...systemBinds(),
    ...['--proc', '/proc', '--dev', '/dev', ...tmpfs('/dev/shm'), ...tmpfs('/tmp')],
    ...binds('--ro-bind', spec.ro),
    ...binds('--bind', spec.rw),
    // Both are memory file systems of no fixed size: a program could fill the host's memory through them.
    ...['--remount-ro', '/dev', '--remount-ro', '/'],
    ...['--chdir', spec.cwd ?? '/tmp'],
    ...(seccomp ? ['--seccomp', String(JAIL_FDS.seccomp)] : []),
    ...['--json-status-fd', String(JAIL_FDS.status)],
  ];
}

/**
 * `argv` behind a gate: it starts when its supervisor writes a line to the gate's descriptor, and never once the supervisor is dead.
 * bwrap ties the program's life to its own only at the end of its set-up (and its own --block-fd goes on when the writer is gone), so a
 * worker killed before that would leave a program that nobody limits. The text is constant; the program comes as arguments.
 */
export function behindGate(argv: readonly string[]): string[] {
  return ['/bin/sh', '-c', `read -r _ <&${JAIL_FDS.gate} && exec "$@" ${JAIL_FDS.gate}<&-`, 'gate', ...argv];
}
