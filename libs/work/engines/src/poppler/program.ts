import { Failure } from '@millrace/failures';
import type { RunResult } from '@millrace/sandbox';
import { crashed } from '../outcome';

/** One of the programs of poppler-utils. */
export const program = (name: 'pdfinfo' | 'pdftoppm' | 'pdftocairo' | 'pdftotext'): string => `/usr/bin/${name}`;

/** All that a task may write, bytes. */
export const OUTPUT_BYTES = 4 * 1024 ** 3;
export const POPPLER_LIMITS = { outputBytes: OUTPUT_BYTES, outputFiles: 10_000, openFiles: 256, processes: 16, memoryBytes: 1024 ** 3 };

/** Processor time that one page may take, seconds; a map of a city takes some ten. */
export const PAGE_CPU_S = 60;

/** Why a program of poppler gave up: all but the two exit codes about documents are its own fault. */
export function refusal(result: RunResult): Failure {
  const { exitCode, stderr } = result;
  if (exitCode === 1 || exitCode === 99) return new Failure('INVALID_INPUT', 'The file is not a readable PDF: it is damaged or incomplete', { cause: new Error(stderr.slice(-2000)) });
  return crashed('poppler', `ended with exit code ${exitCode}`, result);
}
