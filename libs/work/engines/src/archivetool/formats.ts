/** How bsdtar is asked for an archive, and by what first bytes the result is known. */
export interface ArchiveFormat {
  readonly arguments: readonly string[];
  /** The type that the content shows: a compressed tar shows its compression only. */
  readonly type: string;
}

/** pax keeps any length and UTF-8 of a name; where a name needs neither, libarchive writes plain ustar. */
const TAR = ['--format', 'pax'];

/** By `output_format`. */
export const ARCHIVE_FORMATS: ReadonlyMap<string, ArchiveFormat> = new Map([
  ['zip', { arguments: ['--format', 'zip', '--options', 'zip:hdrcharset=UTF-8'], type: 'zip' }],
  ['7z', { arguments: ['--format', '7zip'], type: '7z' }],
  ['tar', { arguments: TAR, type: 'tar' }],
  ['tar.gz', { arguments: [...TAR, '--gzip', '--options', 'gzip:!timestamp'], type: 'gz' }],
  ['tar.bz2', { arguments: [...TAR, '--bzip2'], type: 'bz2' }],
]);
