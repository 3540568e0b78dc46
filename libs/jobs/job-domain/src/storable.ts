import { EVENT_MAX_BYTES, type FileRef, FILES_PER_EVENT } from '@millrace/contracts';

/** Room in an event for what stands around its long part. */
const FRAME_BYTES = 4096;
/** So many bytes may the long part of an event have: its files, its facts, its graph. */
export const PART_MAX_BYTES = EVENT_MAX_BYTES - FRAME_BYTES;

const encoder = new TextEncoder();

/** Size of `value` as JSON in UTF-8. */
export function bytesOf(value: unknown): number {
  return encoder.encode(JSON.stringify(value)).length;
}

/** True for text that jsonb can keep: it refuses NUL and half a surrogate pair. */
export const isStorable = (text: string): boolean => !/\0|\p{Surrogate}/u.test(text);

/** `text` with what jsonb refuses replaced, so that the words of a program can always be committed. */
export const storable = (text: string): string => text.replace(/\0|\p{Surrogate}/gu, '\uFFFD');

/** `files` in pieces that fit one event, by number and by size; one empty piece never. */
export function chunks(files: readonly FileRef[]): FileRef[][] {
  const pieces: FileRef[][] = [];
  let room = 0;
  for (const file of files) {
    const size = bytesOf(file) + 1;
    let piece = pieces.at(-1);
    if (!piece || piece.length >= FILES_PER_EVENT || size > room) {
      piece = [];
      pieces.push(piece);
      room = PART_MAX_BYTES;
    }
    piece.push(file);
    room -= size;
  }
  return pieces;
}
