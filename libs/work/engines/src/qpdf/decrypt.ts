import { Failure } from '@millrace/failures';
import type { TaskContext } from '@millrace/engine-kit';
import type { Sandbox } from '@millrace/sandbox';
import { assertEnded, assertProduced, crashed, wallMsOf } from '../outcome';
import { QPDF, QPDF_LIMITS, WITH_WARNINGS } from './program';

/**
 * Writes the PDF `from` to `to` without its encryption. The password goes to the program's standard input: arguments can be read by others.
 * @param to lies in the task's scratch folder.
 * @throws Failure INVALID_INPUT for a wrong password and for a damaged file.
 */
export async function decrypted(sandbox: Sandbox, ctx: TaskContext, { from, to, size }: { from: string; to: string; size: number }, password: string): Promise<void> {
  const limits = { ...QPDF_LIMITS, wallMs: wallMsOf(ctx), outputBytes: 2 * size + 16 * 1024 ** 2 };
  const spec = { argv: [QPDF, '--password-file=-', '--decrypt', from, to], stdin: `${password}\n`, ro: [{ from }], rw: [{ from: ctx.scratchDir }], limits };
  const result = await sandbox.run(spec, { signal: ctx.signal });
  assertEnded('qpdf', result, limits, ctx);
  if (/invalid password/.test(result.stderr)) throw new Failure('INVALID_INPUT', 'The password does not open the file');
  if (result.exitCode === 2) throw new Failure('INVALID_INPUT', 'The file is not a readable PDF: it is damaged or incomplete', { cause: new Error(result.stderr.slice(-2000)) });
  if (result.exitCode !== 0 && result.exitCode !== WITH_WARNINGS) throw crashed('qpdf', `ended with exit code ${result.exitCode}`, result);
  await assertProduced('qpdf', to, result);
}
