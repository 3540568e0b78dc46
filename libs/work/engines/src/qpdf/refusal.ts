import { Failure } from '@millrace/failures';
import type { InputFile } from '@millrace/engine-kit';
import type { RunResult } from '@millrace/sandbox';
import { crashed } from '../outcome';

/** What qpdf said about the file that it gave up; warnings are of files that it went on with. ENGINE_CRASHED when it names none. */
export function refusal(result: RunResult, inputs: readonly InputFile[]): Failure {
  const line = result.stderr.split('\n').find((text) => text.startsWith('qpdf: ')) ?? '';
  const file = inputs.find(({ path }) => line.includes(path!));
  if (!file) return crashed('qpdf', 'ended with exit code 2', result);
  const cause = new Error(result.stderr.slice(-2000));
  if (/invalid password/.test(line)) return new Failure('INVALID_INPUT', `The file ${file.filename} is protected by a password`, { cause });
  return new Failure('INVALID_INPUT', `The file ${file.filename} is not a readable PDF: it is damaged or incomplete`, { cause });
}
