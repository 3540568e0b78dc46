import { has, u16le, u32le } from '../bytes';

/** Streams that only one application writes ([MS-CFB] directory entries hold UTF-16LE names). */
const STREAMS: readonly [string, string][] = [
  ['WordDocument', 'doc'],
  ['Workbook', 'xls'],
  ['Book', 'xls'],
  ['PowerPoint Document', 'ppt'],
  ['VisioDocument', 'vsd'],
  ['__properties_version1.0', 'msg'],
];
export const ENTRY_BYTES = 128;
export const COMPOUND_MAGIC = '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1';

/** The format of a file with these streams; undefined when none of them tells. */
export const formatOfStreams = (names: ReadonlySet<string>): string | undefined => STREAMS.find(([stream]) => names.has(stream))?.[1];

/** The name of the directory entry at `at`. */
export function entryName(bytes: Uint8Array, at: number): string {
  const length = Math.max(Math.min(u16le(bytes, at + 64), 64) - 2, 0);
  return Buffer.from(bytes.subarray(at, at + length)).toString('utf16le');
}

/** The format of an OLE2 compound file when its directory lies within `head`, else `cfb`: doc, xls, ppt or msg. */
export function compound(head: Uint8Array): string | undefined {
  if (!has(head, 0, COMPOUND_MAGIC)) return undefined;
  const sectorBytes = 2 ** Math.min(u16le(head, 30), 12);
  const directory = (u32le(head, 48) + 1) * sectorBytes;
  const names = new Set<string>();
  for (let at = directory; at + ENTRY_BYTES <= Math.min(head.length, directory + sectorBytes); at += ENTRY_BYTES) {
    names.add(entryName(head, at));
  }
  return formatOfStreams(names) ?? 'cfb';
}
