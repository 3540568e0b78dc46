import { extOf } from './mime';

/** NAME_MAX of the usual file systems. */
const MAX_BYTES = 255;
/** A longer "extension" is a sentence with a dot in it and is not kept. */
const MAX_EXTENSION = 20;
/** C0, DEL, C1, line and paragraph separators; marks that turn the reading direction (they make `exe.gpj` of `jpg.exe`); zero-width space, BOM; halves of surrogate pairs. */
const INVISIBLE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\p{Surrogate}]/gu;
/** A leading dot hides a file, a leading dash is an option to many a program; Windows drops dots and spaces at the end. */
const EDGES = /^[\s.-]+|[\s.]+$/g;

/**
 * The one rule by which a customer's file name becomes ours; it is a label, never a path:
 * 1. what lies before the last `/` or `\` is dropped;
 * 2. controls, marks of reading direction and other invisible characters are removed, the rest is composed (NFC);
 * 3. white space, dots and dashes at the start, white space and dots at the end are removed;
 * 4. what is longer than 255 bytes of UTF-8 is cut before its extension, between characters;
 * 5. nothing left becomes `file`.
 * Applying it again changes nothing. `%2f`, `CON`, `%d` and the like are ordinary text and stay.
 */
export function cleanFilename(name: string): string {
  const base = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
  const clean = base.replace(INVISIBLE, '').normalize('NFC').replace(EDGES, '');
  return shorten(clean) || 'file';
}

function shorten(name: string): string {
  if (Buffer.byteLength(name) <= MAX_BYTES) return name;
  const ending = endingOf(name);
  const stem = cut(name.slice(0, name.length - ending.length), MAX_BYTES - Buffer.byteLength(ending));
  return stem.replace(EDGES, '') + ending;
}

/** The extension as it is written, with its dot. */
function endingOf(name: string): string {
  if (extOf(name) === '') return '';
  const ending = /(?:\.tar)?\.[^.]+$/i.exec(name)?.[0] ?? '';
  return ending.length <= MAX_EXTENSION ? ending : '';
}

function cut(text: string, maxBytes: number): string {
  let bytes = 0;
  let kept = '';
  for (const char of text) {
    bytes += Buffer.byteLength(char);
    if (bytes > maxBytes) break;
    kept += char;
  }
  return kept;
}
