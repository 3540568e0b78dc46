/** ffmpeg's reader of each type, by its content. It alone is allowed to open the file, so that nothing inside can call for another. */
const DEMUXERS: Readonly<Record<string, string>> = {
  ...each('mov', 'mp4', 'm4v', 'mov', 'm4a', 'm4b', '3gp', '3g2'),
  ...each('matroska', 'mkv', 'webm', 'mka'),
  ...each('asf', 'wmv', 'wma', 'asf'),
  ...each('ogg', 'ogg', 'oga', 'ogv', 'opus', 'spx'),
  ...each('mpegts', 'ts', 'm2ts'),
  ...each('mp3', 'mp3', 'mp2'),
  mpg: 'mpeg',
  ...Object.fromEntries(['avi', 'flv', 'gif', 'wav', 'flac', 'aac', 'aiff', 'ac3', 'eac3', 'amr', 'au', 'caf'].map((type) => [type, type])),
};

function each(demuxer: string, ...types: string[]): Record<string, string> {
  return Object.fromEntries(types.map((type) => [type, demuxer]));
}

/** The demuxer for a file of `type` (an extension, by content); undefined for what is neither film nor sound. */
export function demuxerOf(type: string | undefined): string | undefined {
  return type !== undefined && Object.hasOwn(DEMUXERS, type) ? DEMUXERS[type] : undefined;
}

/**
 * Options that stand before every input. The demuxer is pinned and the only one, and files are the only protocol: a playlist within a
 * container, which ffmpeg 5.1 follows to any path and address, is refused by name.
 */
export function pinned(demuxer: string): string[] {
  return ['-f', demuxer, '-format_whitelist', demuxer, '-protocol_whitelist', 'file,pipe'];
}

/** A path as ffmpeg takes it for nothing else: not an option, a protocol or a pattern. */
export const fileUrl = (path: string): string => `file:${path}`;
