import { lookup } from 'mime-types';

/** Spellings of one format; the right side is the extension used everywhere. */
const ALIASES: Readonly<Record<string, string>> = { jpeg: 'jpg', jpe: 'jpg', tif: 'tiff', htm: 'html', tgz: 'tar.gz', tbz2: 'tar.bz2', txz: 'tar.xz', tzst: 'tar.zst' };

/** What mime-db lacks, or knows for another format only. Sources: IANA; RFC 4184 and 4598 (AC-3); RFC 8878 (zstd); shared-mime-info for the `x-` names. */
const TYPES: Readonly<Record<string, string>> = {
  ac3: 'audio/ac3',
  cfb: 'application/x-cfb',
  cr2: 'image/x-canon-cr2',
  cr3: 'image/x-canon-cr3',
  eac3: 'audio/eac3',
  exr: 'image/x-exr',
  'tar.bz2': 'application/x-bzip2',
  'tar.gz': 'application/gzip',
  'tar.xz': 'application/x-xz',
  'tar.zst': 'application/zstd',
  zst: 'application/zstd',
};

const DOUBLE_ENDING = /\.(tar\.[a-z0-9]{1,4})$/i;
const ENDING = /[^.]\.([a-z0-9]{1,16})$/i;

/** The MIME type of an extension (without dot, any spelling); `application/octet-stream` for one that nobody knows. */
export function mimeOf(ext: string): string {
  const name = canonicalExt(ext);
  return (Object.hasOwn(TYPES, name) && TYPES[name]) || lookup(name) || 'application/octet-stream';
}

/** The canonical extension of a file name: lower case, `jpg` for jpeg, `tar.gz` for both its endings; '' when there is none, as in `.bashrc`. */
export function extOf(filename: string): string {
  const [, ext = ''] = DOUBLE_ENDING.exec(filename) ?? ENDING.exec(filename) ?? [];
  return canonicalExt(ext);
}

function canonicalExt(ext: string): string {
  const lower = ext.toLowerCase();
  return Object.hasOwn(ALIASES, lower) ? (ALIASES[lower] as string) : lower;
}
