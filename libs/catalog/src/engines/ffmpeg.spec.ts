import { isFailure } from '@millrace/failures';
import { createCatalog } from '../catalog';
import { AUDIO_FORMATS, VIDEO_FORMATS } from './ffmpeg-formats';

const catalog = createCatalog({ faultEngine: false, unproven: true });
const convert = (options: Record<string, unknown>) => catalog.plan('convert', { input: 'i', engine: 'ffmpeg', output_format: 'mp4', ...options });

function errorsOf(options: Record<string, unknown>): Readonly<Record<string, readonly string[]>> {
  try {
    convert(options);
  } catch (error) {
    if (isFailure(error) && error.code === 'INVALID_DATA') return error.errors!;
    throw error;
  }
  throw new Error('the plan was accepted');
}

describe('ffmpeg', () => {
  it('takes options as text, as forms send them', () => {
    const { options } = convert({ crf: '23', fps: '29.97', volume: '0.5', trim_start: 5, trim_end: '00:00:07.5', faststart: 'false', aspect_ratio: '16:9', video_codec: 'x264', audio_codec: 'none', subtitles_mode: 'none' });
    expect(options).toMatchObject({ crf: 23, fps: 29.97, volume: 0.5, trim_start: '5', trim_end: '00:00:07.5', faststart: false, aspect_ratio: '16:9', audio_codec: 'none' });
  });

  it.each([
    [{ video_codec: 'h264' }, 'video_codec', 'Valid values: x264'],
    [{ audio_codec: 'none; rm' }, 'audio_codec', 'Valid values: aac'],
    [{ preset: 'placebo' }, 'preset', 'Valid values: ultrafast'],
    [{ fit: 'pad' }, 'fit', 'Valid values: max, crop, scale'],
    [{ subtitles_mode: 'hard' }, 'subtitles_mode', 'Valid values: none'],
    [{ crf: 64 }, 'crf', 'greater than 63'],
    [{ fps: 0.5 }, 'fps', 'at least 1'],
    [{ fps: '1e3' }, 'fps', 'must be a number'],
    [{ width: 7681 }, 'width', 'greater than 7680'],
    [{ volume: -1 }, 'volume', 'at least 0'],
    [{ trim_start: '1:99' }, 'trim_start', 'format is invalid'],
    [{ trim_end: '5,6' }, 'trim_end', 'format is invalid'],
    [{ aspect_ratio: '16/9' }, 'aspect_ratio', 'format is invalid'],
    [{ f: 'lavfi' }, 'f', 'not supported'],
    [{ '-f': 'lavfi' }, '-f', 'not supported'],
    [{ filter: 'movie=/etc/passwd' }, 'filter', 'not supported'],
  ])('refuses %j', (options, field, message) => expect(errorsOf(options)).toEqual({ [field]: [expect.stringContaining(message)] }));

  it.each([
    [{ output_format: 'webm', video_codec: 'x264' }, { video_codec: ['The format webm cannot hold the video codec x264. Valid values: vp9, vp8, av1, copy.'] }],
    [{ output_format: 'mp3', audio_codec: 'none' }, { audio_codec: ['The format mp3 cannot hold the audio codec none. Valid values: mp3, copy.'] }],
    [{ output_format: 'mp3', width: 5, crf: 3 }, { width: ['The format mp3 has no picture.'], crf: ['The format mp3 has no picture.'] }],
    [{ output_format: 'gif', volume: 2, video_codec: 'copy' }, { volume: ['The format gif has no sound.'], video_codec: ['The format gif cannot hold the video codec copy. Valid values: gif.'] }],
  ])('refuses what the output cannot have, before there is a file: %j', (options, errors) => expect(errorsOf(options)).toEqual(errors));

  it('takes what it can', () => {
    for (const options of [{ video_codec: 'copy', audio_codec: 'none' }, { output_format: 'gif', audio_codec: 'none', fps: 5 }, { output_format: 'm4a', audio_codec: 'alac' }]) expect(convert(options).options).toMatchObject(options);
  });

  it('is never asked to read a playlist: its content is no film, whatever its name', () => {
    const { options, steps } = catalog.plan('convert', { input: 'i', output_format: 'mp4' });
    for (const name of ['a.m3u8', 'a.mp4', 'a.avi', 'a.sdp', 'a.mpd', 'a.mp3']) {
      expect(catalog.route({ operation: 'convert', options, steps, files: [{ name }] })).not.toHaveProperty('steps');
    }
    expect(catalog.route({ operation: 'convert', options, steps, files: [{ name: 'a', type: 'mp4' }] })).toMatchObject({ steps: [{ engine: 'ffmpeg' }] });
  });

  it('offers both directions: film to film and sound, sound to sound, and no sound to film', () => {
    const pairs = new Map(catalog.entries().filter(({ operation, engine }) => operation === 'convert' && engine === 'ffmpeg').map((entry) => [`${entry.input_format} ${entry.output_format}`, entry.meta.group]));
    for (const pair of ['mp4 webm', 'webm mp4', 'mkv mp3', 'avi gif', 'gif mp4']) expect([pair, pairs.get(pair)]).toEqual([pair, 'video']);
    for (const pair of ['mp3 wav', 'wav mp3', 'amr mp3', 'ogg m4a']) expect([pair, pairs.get(pair)]).toEqual([pair, 'audio']);
    for (const pair of ['mp3 mp4', 'gif mp3', 'gif gif', 'mp4 amr', 'mp4 asf']) expect(pairs.has(pair)).toBe(false);
    expect(Object.keys({ ...VIDEO_FORMATS, ...AUDIO_FORMATS })).toHaveLength(30);
  });
});
