import { cleanFilename } from '@millrace/file-types';
import type { InputFile, TaskContext } from '@millrace/engine-kit';

/** The printf placeholder of contract §6, with an optional width: `%d`, `%3d`, `%03d`. */
const PLACEHOLDER = /%(0?)([1-9]?)d/g;
const ENDING = /(?:\.tar)?\.[^.\s]{1,20}$/i;

const stemOf = (name: string): string => name.replace(ENDING, '');

/** Puts `number` before the extension. */
const numbered = (name: string, number: number): string => {
  const stem = stemOf(name);
  return `${stem}-${number}${name.slice(stem.length)}`;
};

/**
 * The name of an output: what the option `filename` asks for, else the stem of `input` with the extension `ext` (without a dot).
 * @param index counts all outputs of the task from 0; `%d` in the option is `index` + 1.
 * @param count how many outputs `input` becomes: one of several gets its number before the extension, where the option holds no `%d`.
 */
export function outputName(ctx: Pick<TaskContext, 'options'>, input: Pick<InputFile, 'filename'>, ext: string, index = 0, count = 1): string {
  const number = index + 1;
  const { filename } = ctx.options;
  if (typeof filename !== 'string' || filename.trim() === '') {
    const name = `${stemOf(cleanFilename(input.filename)) || 'file'}.${ext}`;
    return cleanFilename(count > 1 ? numbered(name, number) : name);
  }
  const filled = filename.replace(PLACEHOLDER, (_, zero: string, width: string) => String(number).padStart(Number(width), zero || ' '));
  if (filled !== filename) return cleanFilename(filled);
  return cleanFilename(index > 0 || count > 1 ? numbered(filename, number) : filename);
}
