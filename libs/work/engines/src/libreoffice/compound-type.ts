import { open } from 'node:fs/promises';
import type { InputFile } from '@millrace/engine-kit';
import { compoundFormat } from '@millrace/file-types';

/** `input` with the type that the directory of an OLE2 file tells: it often lies behind the first bytes, which are all that was looked at before. */
export async function withCompoundType(input: InputFile): Promise<InputFile> {
  if (input.type !== 'cfb') return input;
  const file = await open(input.path!, 'r');
  try {
    const type = await compoundFormat(async (at, length) => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
      return buffer.subarray(0, bytesRead);
    });
    return type === undefined ? input : { ...input, type };
  } finally {
    await file.close();
  }
}
