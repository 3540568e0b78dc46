import { AUDIO_CODECS, AUDIO_FORMATS, VIDEO_CODECS, VIDEO_FORMATS } from '@millrace/catalog';
import { audioEncoder } from './audio-encoders';
import { CONTAINERS } from './containers';
import { convertArguments } from './convert-arguments';
import { planConversion } from './convert-plan';
import type { Media } from './media';
import { convertOptions } from './options';
import { VIDEO_ENCODERS } from './video-encoders';

const film: Media = {
  demuxer: 'mov',
  duration: 60,
  streams: 4,
  picture: { index: 1, codec: 'h264', width: 1280, height: 720, square: true, fps: 25, baseFps: 25 },
  sounds: [
    { index: 0, codec: 'aac', channels: 6, sampleRate: 96_000 },
    { index: 3, codec: 'aac', channels: 2, sampleRate: 48_000 },
  ],
};
const song: Media = { demuxer: 'mp3', duration: 180, streams: 1, sounds: [{ index: 0, codec: 'mp3', channels: 2, sampleRate: 44_100, duration: 179 }] };

const plan = (options: Record<string, unknown>, media = film) => planConversion(media, convertOptions(options), 'film.mp4');
const args = (options: Record<string, unknown>, media = film) =>
  convertArguments(plan(options, media), { input: '/t/in/0/input.mp4', demuxer: media.demuxer, output: `/t/out/0.${options['output_format']}`, threads: 2 }).join(' ');

it('knows an encoder and a container for all that the catalog offers', () => {
  for (const codec of VIDEO_CODECS) expect(VIDEO_ENCODERS).toHaveProperty(codec);
  for (const codec of AUDIO_CODECS) expect(audioEncoder(codec, 'mkv').encoder).toEqual(expect.any(String));
  for (const format of Object.keys({ ...VIDEO_FORMATS, ...AUDIO_FORMATS })) expect(CONTAINERS).toHaveProperty([format]);
});

describe('the arguments', () => {
  it('pin the reader, name files as files and use the first picture and all sound', () => {
    expect(args({ output_format: 'mp4' })).toBe(
      '-f mov -format_whitelist mov -protocol_whitelist file,pipe -threads 2 -i file:/t/in/0/input.mp4 ' +
        '-acodec aac -vcodec libx264 -map 0:1 -pix_fmt yuv420p -preset medium -crf 23 -map 0:0 -map 0:3 -b:a 384k ' +
        '-sn -dn -threads 2 -movflags +faststart -f mp4 file:/t/out/0.mp4',
    );
  });

  it('take the first sound alone where players know but one', () => {
    expect(args({ output_format: 'mp3' })).toContain('-vn -map 0:0 -b:a 128k');
    expect(args({ output_format: 'avi' })).not.toContain('0:3');
  });

  it('fit sound into what the codec can do', () => {
    expect(args({ output_format: 'mp3' })).toContain('-acodec libmp3lame -ac 2 -ar 48000');
    expect(args({ output_format: 'flv', audio_codec: 'mp3' }, { ...film, sounds: [{ index: 3, codec: 'aac', channels: 1, sampleRate: 8000 }] })).toContain('-ar 11025');
  });

  it.each([
    [{ video_codec: 'x265' }, '-tag:v hvc1'],
    [{ video_bitrate: 500 }, '-b:v 500k'],
    [{ video_bitrate: 500, crf: 30 }, '-crf 30 -maxrate 500k -bufsize 1000k'],
    [{ video_codec: 'mpeg4' }, '-q:v 4'],
    [{ video_codec: 'copy' }, '-vcodec copy -map 0:1'],
    [{ video_codec: 'copy', aspect_ratio: '4:3' }, '-aspect 4:3'],
    [{ aspect_ratio: '4:3', width: 640 }, '-filter:v scale=640:360,setsar=1,setdar=4/3'],
    [{ width: 100, height: 100, fit: 'crop' }, 'scale=178:100,crop=100:100,setsar=1'],
    [{ fps: '12.5' }, '-r 12.5'],
    [{ trim_start: '0:10', trim_end: 12 }, '-ss 10 -t 2 -i'],
    [{ volume: 0.5 }, '-filter:a volume=0.5'],
    [{ audio_codec: 'none' }, '-an'],
    [{ strip_metadata: true }, '-map_metadata -1 -map_chapters -1'],
  ])('%j', (options, part) => expect(args({ output_format: 'mp4', ...options })).toContain(part));

  it('leave the index where it falls when told to', () => expect(args({ output_format: 'mp4', faststart: false })).not.toContain('faststart'));

  it('hold only so many frames for the palette of a gif', () => {
    expect(args({ output_format: 'gif', width: 64 }, { ...film, duration: 2 })).toContain('fps=15,scale=64:36,setsar=1,split[a][b];[a]palettegen[p]');
    expect(args({ output_format: 'gif' })).toContain('palettegen=stats_mode=single');
  });

  it('force a rate where a file only shows its clock', () => {
    const clocked = { ...film, picture: { ...film.picture!, fps: 29.9705, baseFps: 1000 } };
    expect(args({ output_format: 'avi' }, clocked)).toContain('-r 29.971');
    expect(args({ output_format: 'avi' })).not.toContain('-r ');
  });
});

describe('what is expected', () => {
  it.each([
    [{ output_format: 'mp4' }, film, 60],
    [{ output_format: 'mp4', trim_start: 50 }, film, 10],
    [{ output_format: 'mp4', trim_start: 5, trim_end: 7 }, film, 2],
    [{ output_format: 'ogg' }, song, 179],
    [{ output_format: 'mp3' }, { ...film, duration: undefined }, undefined],
  ])('%j', (options, media, seconds) => expect(plan(options, media).expected).toBe(seconds));
});

describe('what does not fit is refused, with its reason', () => {
  it.each([
    [{ output_format: 'exe' }, 'does not make exe'],
    [{ output_format: 'webm', video_codec: 'x264' }, 'webm cannot hold the video codec x264. Valid values: vp9, vp8, av1, copy'],
    [{ output_format: 'mp4', audio_codec: 'wmav2' }, 'mp4 cannot hold the audio codec wmav2. Valid values: aac, mp3, ac3, opus, copy, none'],
    [{ output_format: 'mp3', audio_codec: 'none' }, 'Valid values: mp3, copy'],
    [{ output_format: 'gif', video_codec: 'copy' }, 'Valid values: gif'],
    [{ output_format: 'mp3', width: 5, crf: 3 }, 'has no picture: leave out crf, width'],
    [{ output_format: 'gif', volume: 2 }, 'has no sound: leave out volume'],
    [{ output_format: 'mp4', video_codec: 'copy', width: 5 }, 'leave out width'],
    [{ output_format: 'mp4', audio_codec: 'copy', channels: 1 }, 'leave out channels'],
    [{ output_format: 'mp4', audio_codec: 'none', volume: 1 }, 'leave out volume'],
    [{ output_format: 'mp4', crf: 52 }, 'between 0 and 51'],
    [{ output_format: 'wmv', crf: 20 }, 'wmv2 has no crf'],
    [{ output_format: 'wmv', preset: 'fast' }, 'has no presets'],
    [{ output_format: 'mp4', video_codec: 'av1', crf: 20, video_bitrate: 9 }, 'not both'],
    [{ output_format: 'flac', audio_bitrate: 128 }, 'flac has no bit rate'],
    [{ output_format: 'opus', sample_rate: 44_100 }, 'Valid values: 8000, 12000'],
    [{ output_format: 'mp3', channels: 6 }, 'at most 2 channels'],
    [{ output_format: 'mp4', trim_start: 60 }, 'behind the end'],
    [{ output_format: 'mp4', trim_start: 9, trim_end: '0:08' }, 'later than trim_start'],
    [{ output_format: 'mp4', trim_start: 'x' }, 'trim_start is invalid'],
    [{ output_format: 'mp4', sample_rate: 48_000, audio_frequency: 44_100 }, 'mean the same'],
    [{ output_format: 'mp4', preset: '../x' }, 'preset is invalid'],
  ])('%j', (options, message) => {
    expect(() => plan(options)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT', publicMessage: expect.stringContaining(message) }));
  });

  it('a song cannot become a film, nor a silent film a song', () => {
    expect(() => plan({ output_format: 'mp4' }, song)).toThrow(expect.objectContaining({ publicMessage: expect.stringContaining('has no picture') }));
    expect(() => plan({ output_format: 'mp3' }, { ...film, sounds: [] })).toThrow(expect.objectContaining({ publicMessage: expect.stringContaining('has no sound') }));
    expect(plan({ output_format: 'mp4' }, { ...film, sounds: [] }).audio).toBeUndefined();
  });

  it('and so is too much work', () => {
    const limit = expect.objectContaining({ code: 'LIMIT_EXCEEDED' });
    expect(() => plan({ output_format: 'mp4', width: 7680, height: 7680 })).toThrow(limit);
    expect(() => plan({ output_format: 'mp4', width: 7680, fps: 240 }, { ...film, duration: 3600 })).toThrow(limit);
  });
});
