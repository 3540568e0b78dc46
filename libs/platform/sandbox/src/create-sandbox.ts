import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import os from 'node:os';
import { promisify } from 'node:util';
import { Failure } from '@millrace/failures';
import { execSpan } from './exec-span';
import { type GroupBases, groupBases } from './group-bases';
import { JAIL_ENVIRONMENT, JAIL_FDS, behindGate, jailArguments, type JailFeatures } from './jail-arguments';
import type { Launch } from './launch';
import { underResourceLimits } from './resource-limits';
import { seccompFilter } from './seccomp';
import type { RunSpec, Sandbox } from './spec';
import { endStubs } from './stubs';
import { supervise } from './supervise';

export interface SandboxOptions {
  readonly mode: 'bwrap' | 'off';
  readonly log?: { warn(fields: object, msg: string): void };
  /** Where bubblewrap is; /usr/bin/bwrap by default. */
  readonly bwrapPath?: string;
  /** Where control groups may be made; found out by default. */
  readonly groups?: GroupBases;
}

const PROBE: RunSpec = { argv: ['true'], ro: [], rw: [], limits: { wallMs: 10_000, outputBytes: 1024, openFiles: 64, processes: 8, memoryBytes: 256 * 1024 * 1024 } };
const FIX =
  'Install bubblewrap and util-linux (apt-get install bubblewrap util-linux), and let this process make user namespaces: on Ubuntu 24.04 set ' +
  'kernel.apparmor_restrict_unprivileged_userns=0, in Docker add --security-opt seccomp=unconfined --security-opt systempaths=unconfined, in ' +
  'Kubernetes use deploy/seccomp/engine.json. SANDBOX=off runs engines without a jail; choose it only for files you trust.';

/**
 * Makes the sandbox of a process, after a run of `true` inside it has shown that it works. It never falls back to less than was asked.
 * @throws Failure SERVICE_UNAVAILABLE, whose message names the fix.
 */
export async function createSandbox({ mode, log, bwrapPath = '/usr/bin/bwrap', groups }: SandboxOptions): Promise<Sandbox> {
  const launch = mode === 'bwrap' ? await bwrapLauncher(bwrapPath, groups ?? ownGroupBases()) : launchWithoutJail;
  const sandbox: Sandbox = {
    mode,
    run: (spec, options = {}) => execSpan(spec, async () => (await supervise(launch(spec), spec, options)).ended),
    start: async (spec, options = {}) => supervise({ ...launch(spec), stdinOpen: true }, spec, options),
  };
  if (mode === 'off') log?.warn({ sandbox: 'off' }, 'THE SANDBOX IS OFF: engines open untrusted files with the full rights of this process, network included');
  try {
    const { exitCode, stderr } = await sandbox.run(PROBE);
    if (exitCode !== 0) throw new Error(stderr);
  } catch (error) {
    throw unusable(mode, error);
  }
  return sandbox;
}

function unusable(mode: string, error: unknown): Failure {
  const reason = ((error as Error).cause ?? error) as Error;
  return new Failure('SERVICE_UNAVAILABLE', `The sandbox (mode ${mode}) does not work here: ${reason.message.trim()}. ${FIX}`, { cause: error });
}

/** Only root may make groups outside of what was delegated to it. */
const ownGroupBases = (): GroupBases => (process.getuid?.() === 0 ? groupBases() : {});

async function bwrapLauncher(bwrap: string, groups: GroupBases): Promise<(spec: RunSpec) => Launch> {
  if (!existsSync(bwrap)) throw unusable('bwrap', new Error(`${bwrap} does not exist`));
  const { stdout: help } = await promisify(execFile)(bwrap, ['--help']).catch((error: unknown) => Promise.reject(unusable('bwrap', error)));
  const features: JailFeatures = { disableUserns: help.includes('--disable-userns'), tmpfsSize: help.includes('--size') };
  const filter = seccompFilter(os.arch());
  const launched = [bwrap, '--args', String(JAIL_FDS.arguments), '--', ...behindGate([])];
  endStubs(launched.join('\0') + '\0');
  const jail = { statusFd: JAIL_FDS.status, gateFd: JAIL_FDS.gate, groups };
  return (spec) => {
    const feeds = feedsOf(spec);
    // By descriptor, because the jail's first process shows its command line, and with it host paths, to everyone inside.
    feeds.set(JAIL_FDS.arguments, jailArguments(spec, features, filter !== undefined).join('\0') + '\0');
    if (filter) feeds.set(JAIL_FDS.seccomp, filter);
    return { argv: [...launched, ...underResourceLimits(spec.argv, spec.limits, true)], env: {}, cwd: '/', feeds, jail };
  };
}

function launchWithoutJail(spec: RunSpec): Launch {
  const moved = [...spec.ro, ...spec.rw].find(({ from, to }) => to !== undefined && to !== from);
  if (moved) throw new Failure('ENGINE_UNAVAILABLE', 'This engine needs the sandbox', { cause: new Error(`without a jail ${moved.from} cannot appear as ${moved.to}`) });
  return { argv: underResourceLimits(spec.argv, spec.limits, false), env: { ...JAIL_ENVIRONMENT, ...spec.env }, cwd: spec.cwd ?? '/tmp', feeds: feedsOf(spec) };
}

function feedsOf(spec: RunSpec): Map<number, string | Uint8Array> {
  const feeds = new Map<number, string | Uint8Array>();
  if (spec.stdin !== undefined) feeds.set(0, spec.stdin);
  if (spec.secretsFd !== undefined) feeds.set(JAIL_FDS.secrets, spec.secretsFd);
  return feeds;
}
