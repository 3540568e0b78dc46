import { has } from '../bytes';

/** Stream types of ASF (ASF specification 01.20.03), as the bytes lie in the file. */
const ASF_HEADER = '\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c';
const ASF_VIDEO = Buffer.from('c0ef19bc4d5bcf11a8fd00805f5c442b', 'hex');
const ASF_AUDIO = Buffer.from('409e69f84d5bcf11a8fd00805f5c442b', 'hex');
/** The EBML element DocType (RFC 8794) with its two values, of which the size is one byte. */
const DOCTYPE_WEBM = Buffer.from('4282847765626d', 'hex');

/** `webm` or `mkv` of an EBML file. */
export function matroska(head: Uint8Array): string | undefined {
  if (!has(head, 0, '\x1a\x45\xdf\xa3')) return undefined;
  return Buffer.from(head).subarray(0, 64).includes(DOCTYPE_WEBM) ? 'webm' : 'mkv';
}

/** `wmv`, `wma`, or `asf` when the stream types lie further back. */
export function asf(head: Uint8Array): string | undefined {
  if (!has(head, 0, ASF_HEADER)) return undefined;
  const bytes = Buffer.from(head);
  if (bytes.includes(ASF_VIDEO)) return 'wmv';
  return bytes.includes(ASF_AUDIO) ? 'wma' : 'asf';
}

/** MPEG transport stream: a sync byte at the head of two packets of 188 bytes at least (ISO/IEC 13818-1 §2.4.3.2). */
export function transportStream(head: Uint8Array): string | undefined {
  return head.length > 376 && [0, 188, 376].every((at) => head[at] === 0x47) ? 'ts' : undefined;
}
