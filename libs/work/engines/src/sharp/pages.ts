import type { OutputFormat, Pages } from './request';

const ANIMATED = ['gif', 'webp'];

/**
 * What becomes of the pages of an input: gif and webp keep their frames among each other and show the first one elsewhere; the pages of a
 * tiff stay together in a tiff and become a file each elsewhere, since a scan that loses its pages is no conversion. Thumbnails show as many as asked.
 */
export function pagesOf(operation: string, from: string, to: OutputFormat): Pages {
  if (operation === 'thumbnail') return from === 'svg' || from === 'avif' ? 'first' : 'each';
  if (ANIMATED.includes(from) && ANIMATED.includes(to)) return 'joined';
  if (from === 'tiff') return to === 'tiff' ? 'joined' : 'each';
  return 'first';
}
