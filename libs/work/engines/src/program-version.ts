import { Failure } from '@millrace/failures';
import type { Sandbox } from '@millrace/sandbox';

const LIMITS = { wallMs: 30_000, outputBytes: 1_048_576, openFiles: 256, processes: 32, memoryBytes: 256 * 1024 ** 2 };

/**
 * The version that a program prints, found by `pattern`'s first group. The program runs in the jail that its tasks will run in.
 * @throws Failure ENGINE_UNAVAILABLE when it is missing or prints none.
 */
export async function programVersion(sandbox: Sandbox, engine: string, argv: readonly string[], pattern: RegExp): Promise<string> {
  const { stdout, stderr } = await sandbox.run({ argv, ro: [], rw: [], limits: LIMITS });
  const version = pattern.exec(stdout)?.[1] ?? pattern.exec(stderr)?.[1];
  if (version === undefined) throw new Failure('ENGINE_UNAVAILABLE', `The engine ${engine} does not run here`, { cause: new Error(`${argv.join(' ')}: ${stdout}${stderr}`) });
  return version;
}
