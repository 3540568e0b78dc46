import { open } from 'node:fs/promises';

/** Writers that do not know the size yet, such as into a pipe, write this or more. */
const UNKNOWN = 0x7fff_0000;

/**
 * The bytes that the head of a RIFF file (avi, wav) says it has; undefined for another file or a size left open.
 * ffmpeg believes the end of the file instead, so that a cut one looks whole to it.
 */
export async function riffSize(path: string): Promise<number | undefined> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(8), 0, 8, 0);
    if (bytesRead < 8 || buffer.toString('latin1', 0, 4) !== 'RIFF') return undefined;
    const size = buffer.readUInt32LE(4);
    return size === 0 || size >= UNKNOWN ? undefined : size + 8;
  } finally {
    await file.close();
  }
}
