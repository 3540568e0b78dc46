import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { Failure } from '@millrace/failures';
import type { Bind } from '@millrace/sandbox';
import type { EngineDeps } from '../deps';
import { LIMITS } from './limits';
import { VERSION_PROBE } from './runner';

const PACKAGES = ['sharp', '@img', 'detect-libc', 'semver'];

/** The folder of the package `sharp`. */
export const packageDir = ({ modulesDir }: EngineDeps): string => path.join(modulesDir, 'sharp');

/** What the jail must show for node to run the package. */
export function programBinds({ nodePath, modulesDir }: EngineDeps): Bind[] {
  const packages = PACKAGES.map((name) => path.join(modulesDir, name)).filter((dir) => existsSync(dir));
  // /usr is in every jail; a node of a version manager brings its prefix.
  const node = [nodePath, realpathSync(nodePath)].filter((file) => !file.startsWith('/usr/')).map((file) => path.dirname(path.dirname(file)));
  return [...packages, ...new Set(node)].map((from) => ({ from }));
}

/**
 * The version of the sharp that runs in the jail.
 * @throws Failure ENGINE_UNAVAILABLE when none does.
 */
export async function versionOf(deps: EngineDeps, ro: readonly Bind[]): Promise<string> {
  const { exitCode, stdout, stderr } = await deps.sandbox.run({ argv: [deps.nodePath, '-e', VERSION_PROBE], stdin: packageDir(deps), ro, rw: [], limits: { ...LIMITS, wallMs: 30_000 } });
  if (exitCode !== 0) throw new Failure('ENGINE_UNAVAILABLE', 'The engine sharp does not run here', { cause: new Error(stderr) });
  return stdout.trim();
}
