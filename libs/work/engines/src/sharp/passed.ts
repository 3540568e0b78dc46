import type { InputFile, StoredOutput } from '@millrace/engine-kit';

/** `input` by reference. */
export function passed({ path: _path, task: _task, ...file }: InputFile): StoredOutput {
  return file;
}
