import { has } from '../bytes';

/** Stream types of ASF (ASF specification 01.20.03), as the bytes lie in the file. */
const ASF_HEADER = '\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c';
const ASF_VIDEO = Buffer.from('c0ef19bc4d5bcf11a8fd00805f5c442b', 'hex');
const ASF_AUDIO = Buffer.from('409e69f84d5bcf11a8fd00805f5c442b', 'hex');
/** The EBML element DocType (RFC 8794) with its two values, of which the size is one byte. */
const DOCTYPE_WEBM = Buffer.from('4282847765626d', 'hex');

/** The EBML element Tracks (RFC 9559), which lists the codecs: `V_` for pictures, `A_` for sound. */
const TRACKS = Buffer.from('1654ae6b', 'hex');

/** The head of a SeekID element of four bytes. */
const SEEK_ID = Buffer.from('53ab84', 'hex');

/** `webm`, `mkv`, or `mka` when all tracks lie within the head and are sound. */
export function matroska(head: Uint8Array): string | undefined {
  if (!has(head, 0, '\x1a\x45\xdf\xa3')) return undefined;
  const bytes = Buffer.from(head);
  if (bytes.subarray(0, 64).includes(DOCTYPE_WEBM)) return 'webm';
  const list = tracksOf(bytes);
  return list?.includes('A_') && !list.includes('V_') ? 'mka' : 'mkv';
}

function tracksOf(bytes: Buffer): Buffer | undefined {
  for (let at = bytes.indexOf(TRACKS); at !== -1; at = bytes.indexOf(TRACKS, at + 1)) {
    // The table of contents (SeekHead) names the element before it comes.
    if (!bytes.subarray(0, at).subarray(-SEEK_ID.length).equals(SEEK_ID)) return elementData(bytes, at + TRACKS.length);
  }
  return undefined;
}

/** The data of the EBML element whose size begins at `at`; undefined when it reaches beyond the end. */
function elementData(bytes: Buffer, at: number): Buffer | undefined {
  const width = Math.clz32(bytes[at] ?? 0) - 23;
  if (width > 6 || at + width > bytes.length) return undefined;
  const end = at + width + (bytes.readUIntBE(at, width) % 2 ** (7 * width));
  return end > bytes.length ? undefined : bytes.subarray(at + width, end);
}

/** `wmv`, `wma`, or `asf` when the stream types lie further back. */
export function asf(head: Uint8Array): string | undefined {
  if (!has(head, 0, ASF_HEADER)) return undefined;
  const bytes = Buffer.from(head);
  if (bytes.includes(ASF_VIDEO)) return 'wmv';
  return bytes.includes(ASF_AUDIO) ? 'wma' : 'asf';
}

const syncAt = (head: Uint8Array, ...offsets: number[]): boolean => offsets.every((at) => head[at] === 0x47);

/** MPEG transport stream: a sync byte at the head of packets of 188 bytes (ISO/IEC 13818-1 §2.4.3.2); `m2ts` puts a time of 4 bytes before each. */
export function transportStream(head: Uint8Array): string | undefined {
  if (syncAt(head, 0, 188, 376)) return 'ts';
  return syncAt(head, 4, 196, 388) ? 'm2ts' : undefined;
}
