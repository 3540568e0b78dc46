import { writeFileSync } from 'node:fs';
import { AUDIO_FORMATS, VIDEO_FORMATS } from '@millrace/catalog';
import { MediaLab } from './testing/media-lab';

const SILENT = ['gif'];
const VIDEO = Object.keys(VIDEO_FORMATS).filter((format) => !SILENT.includes(format));
const AUDIO = Object.keys(AUDIO_FORMATS);
/** Formats that hold what another holds, in nearly the same words: their default is enough. */
const ALIKE = ['m4v', 'm2ts', '3g2', 'oga'];
/** Each format with each codec it holds, picture and sound changing together. */
const CASES = Object.entries({ ...VIDEO_FORMATS, ...AUDIO_FORMATS }).flatMap(([format, { video = [], audio = [] }]) =>
  Array.from({ length: ALIKE.includes(format) ? 1 : Math.max(video.length, audio.length) }, (_, i) => [format, video[i % video.length], audio[i % audio.length]] as const),
);

let lab: MediaLab;
/** A file of each format, as this engine made it. */
const made: Record<string, string> = {};
beforeAll(async () => {
  lab = await MediaLab.open();
  made['film'] = await lab.film('film.mp4');
});
afterAll(() => lab.close());

const kinds = (streams: readonly { codec_type: string }[]) => streams.map(({ codec_type }) => codec_type).sort();

it('announces the version it found', () => expect(lab.engine).toMatchObject({ name: 'ffmpeg', version: expect.stringMatching(/^\d+\.\d+(\.\d+)?$/), fetchInputs: true }));

it.each(CASES)('makes %s of %s and %s, and it is what it says', async (format, video_codec, audio_codec) => {
  const { streams, file } = await lab.convert(made['film']!, { output_format: format, video_codec, audio_codec });
  made[format] ??= file;
  const names: Record<string, string> = { x264: 'h264', x265: 'hevc', mpeg1: 'mpeg1video', mpeg2: 'mpeg2video', msmpeg4: 'msmpeg4v3', pcm: 'pcm_s16le' };
  const found = Object.fromEntries(streams.map(({ codec_type, codec_name }) => [codec_type, codec_name.replace('s16be', 's16le')]));
  expect(found).toEqual({ ...(video_codec && { video: names[video_codec] ?? video_codec }), ...(audio_codec && { audio: names[audio_codec] ?? audio_codec }) });
});

describe('every format is read back', () => {
  it.each(VIDEO)('%s', async (format) => {
    const film = await lab.convert(made[format]!, { output_format: 'mp4', preset: 'ultrafast' });
    expect(kinds(film.streams)).toEqual(['audio', 'video']);
    expect(Number(film.format.duration)).toBeCloseTo(0.5, 0);
  });

  it.each(AUDIO)('%s', async (format) => {
    const song = await lab.convert(made[format]!, { output_format: 'flac' });
    expect(Number(song.format.duration)).toBeCloseTo(0.5, 0);
  });

  it.each(['mp4', 'webm', 'avi', 'wmv'])('%s as sound alone', async (format) => {
    expect(kinds((await lab.convert(made[format]!, { output_format: 'mp3' })).streams)).toEqual(['audio']);
  });

  it('gif', async () => {
    const film = await lab.convert(made['gif']!, { output_format: 'webm', video_codec: 'vp8' });
    expect([kinds(film.streams), Number(film.format.duration)]).toEqual([['video'], expect.closeTo(0.5, 0)]);
  });

  it('what nothing here writes as a file of its own', async () => {
    // Fifty frames of the lowest rate, filled with a pattern: a second of noise.
    const amr = `${lab.dir}/noise.amr`;
    writeFileSync(amr, Buffer.concat([Buffer.from('#!AMR\n'), ...Array.from({ length: 50 }, (_, n) => Buffer.from([0x04, ...Array.from({ length: 12 }, (_, i) => (n * 37 + i * 91) % 256)]))]));
    expect(Number((await lab.convert(amr, { output_format: 'wav' })).format.duration)).toBeCloseTo(1, 1);
    for (const [name, ...args] of [['tone.eac3', '-vn'], ['tone.spx', '-vn', '-c:a', 'libspeex', '-ar', '16000'], ['book.m4b', '-vn', '-f', 'ipod', '-brand', 'M4B ']] as const) {
      expect((await lab.convert(await lab.film(name, ...args), { output_format: 'mp3' })).streams[0]!.codec_name).toBe('mp3');
    }
  });
});
