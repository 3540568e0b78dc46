import { filetypename } from 'magic-bytes.js';
import { has, u16le, u32le } from './bytes';

type Check = (head: Uint8Array) => boolean;
const sure: Check = () => true;

/**
 * The names of magic-bytes.js that are believed, with our extension, strongest first. The library lists every format that shares a
 * signature, some of one or two bytes ("BM", "MZ", "PL"): the weak ones are believed after a second look only, the rest never.
 */
const BELIEVED: readonly [name: string, ext: string, check: Check][] = [
  ['png', 'png', sure],
  ['jpg', 'jpg', sure],
  ['gif', 'gif', sure],
  ['webp', 'webp', sure],
  ['cr2', 'cr2', sure],
  ['tif', 'tiff', sure],
  ['tiff', 'tiff', sure],
  ['psd', 'psd', (head) => head[4] === 0 && (head[5] === 1 || head[5] === 2)],
  ['exr', 'exr', sure],
  ['pdf', 'pdf', sure],
  ['rtf', 'rtf', sure],
  ['ps', 'ps', sure],
  ['wav', 'wav', sure],
  ['avi', 'avi', sure],
  ['aiff', 'aiff', sure],
  ['flac', 'flac', sure],
  ['ogv', 'ogv', sure],
  ['ogm', 'ogv', sure],
  ['oga', 'oga', sure],
  ['spx', 'spx', sure],
  ['ogg', 'ogg', sure],
  ['mid', 'mid', sure],
  ['rar', 'rar', sure],
  ['7z', '7z', sure],
  ['xz', 'xz', sure],
  ['cab', 'cab', sure],
  ['woff', 'woff', sure],
  ['woff2', 'woff2', sure],
  ['otf', 'otf', sure],
  ['mpg', 'mpg', sure],
  ['mpeg', 'mpg', (head) => has(head, 0, '\x00\x00\x01\xb3')],
  ['tar', 'tar', sure],
  ['gz', 'gz', (head) => head[2] === 8],
  ['bz2', 'bz2', (head) => has(head, 4, '1AY&SY')],
  ['bmp', 'bmp', (head) => [12, 16, 40, 52, 56, 64, 108, 124].includes(u32le(head, 14))],
  ['ico', 'ico', (head) => u16le(head, 4) > 0 && head[9] === 0],
  ['ttf', 'ttf', (head) => (head[5] ?? 0) > 0],
  ['mov', 'mov', (head) => head[0] === 0],
  ['aac', 'aac', (head) => ((head[2] ?? 0xff) & 0x3c) >> 2 < 13],
  ['mp3', 'mp3', (head) => has(head, 0, 'ID3') || isMpegAudioFrame(head)],
];

/** What the library lacks, as bytes at an offset. Sources: the formats' own specifications, as IANA and PRONOM list them. */
const MORE: readonly [ext: string, offset: number, bytes: string][] = [
  ['jxl', 0, '\xff\x0a'],
  ['jxl', 0, '\x00\x00\x00\x0cJXL \r\n\x87\n'],
  ['jp2', 0, '\x00\x00\x00\x0cjP  \r\n\x87\n'],
  ['tiff', 0, 'II+\x00\x08\x00\x00\x00'],
  ['djvu', 0, 'AT&TFORM'],
  ['mobi', 60, 'BOOKMOBI'],
  ['zst', 0, '\x28\xb5\x2f\xfd'],
  ['eps', 0, '\xc5\xd0\xd3\xc6'],
  ['flv', 0, 'FLV\x01'],
  ['amr', 0, '#!AMR'],
  ['au', 0, '.snd\0\0'],
  ['caf', 0, 'caff\0\x01'],
  ['aiff', 8, 'AIFCFVER'],
  ['wav', 8, 'WAVEds64'],
  ['mov', 4, 'moov\0'],
];

/** The extension of the format whose signature `head` begins with. */
export function bySignature(head: Uint8Array): string | undefined {
  const more = MORE.find(([, offset, bytes]) => has(head, offset, bytes));
  if (more) return more[0];
  if (has(head, 0, 'OggS') && has(head, 28, 'OpusHead')) return 'opus';
  const names = new Set(filetypename(head));
  const ext = BELIEVED.find(([name, , check]) => names.has(name) && check(head))?.[1];
  return ext === 'ps' && has(head, 14, ' EPSF') ? 'eps' : ext;
}

/** Version, layer, bit rate and sampling rate are none of the reserved values (ISO/IEC 11172-3 §2.4.2.3). */
function isMpegAudioFrame(head: Uint8Array): boolean {
  const [, second = 0, third = 0xff] = head;
  return (second & 0x18) !== 0x08 && (second & 0x06) !== 0 && third >> 4 !== 0x0f && (third & 0x0c) !== 0x0c;
}
