import type { Kind } from './probe';

const IMAGES = new Set(['jpg', 'png', 'webp', 'avif', 'tiff', 'gif', 'svg', 'heic', 'heif', 'bmp']);
const AUDIO = new Set('mp3 wav flac ogg oga opus aac m4a m4b wma aiff ac3 eac3 mp2 mka caf au amr wv tta voc w64 spx weba'.split(' '));
const VIDEO = new Set('mp4 m4v mov mkv ts mts m2ts 3gp 3g2 webm ogv avi wmv asf flv f4v mpg mpeg vob mxf dv'.split(' '));

/** What kind of thing a format is. A gif made from a film is looked at as a film. */
export function kindOf(format: string): Kind {
  if (IMAGES.has(format)) return 'image';
  if (AUDIO.has(format)) return 'audio';
  return VIDEO.has(format) ? 'video' : 'document';
}
