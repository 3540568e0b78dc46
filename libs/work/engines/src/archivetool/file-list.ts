import { uniqueFilenames } from '@millrace/file-types';
import type { InputFile } from '@millrace/engine-kit';

/** 1980-01-01, the first moment a zip can name. Nobody knows when a file of a job was written, and the same files shall make the same archive. */
const TIME = Date.UTC(1980, 0, 1) / 1000;

/** Every byte as an octal escape: whatever a name holds, it stays one word of the list. */
const escaped = (text: string): string => [...Buffer.from(text)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');

/**
 * The entries of an archive as an mtree list (libarchive's @list): files under their own names, made safe and unique, read from where
 * they really lie. So a name is never an argument or a path, and owner, mode and time are ours.
 */
export function fileList(inputs: readonly InputFile[]): string {
  const names = uniqueFilenames(inputs.map(({ filename }) => filename));
  const entries = inputs.map(({ path }, index) => `${escaped(names[index]!)} contents=${escaped(path!)}`);
  return ['#mtree', `/set type=file uid=0 gid=0 mode=0644 time=${TIME}.0`, ...entries, ''].join('\n');
}
