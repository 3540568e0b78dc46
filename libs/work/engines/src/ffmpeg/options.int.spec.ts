import { readFileSync } from 'node:fs';
import path from 'node:path';
import { MediaLab, streamOf } from './testing/media-lab';

let lab: MediaLab;
let film: string;
let song: string;
beforeAll(async () => {
  lab = await MediaLab.open();
  film = await lab.film('film.mp4', '-metadata', 'title=canary title');
  song = await lab.film('song.flac', '-vn', '-metadata', 'title=canary title');
});
afterAll(() => lab.close());

const size = (file: string) => readFileSync(file).length;
const mp4 = (options: Record<string, unknown>, file = film) => lab.convert(file, { output_format: 'mp4', preset: 'ultrafast', ...options });
const sides = async (options: Record<string, unknown>, file = film) => {
  const { width, height } = streamOf(await mp4(options, file), 'video');
  return [width, height];
};

/** The mean loudness, dB. */
async function loudness(file: string): Promise<number> {
  const { stderr } = await lab.sandbox.run({ argv: ['ffmpeg', '-nostdin', '-i', file, '-af', 'volumedetect', '-f', 'null', '-'], ro: [{ from: lab.dir }], rw: [], limits: { wallMs: 30_000, outputBytes: 1, openFiles: 64, processes: 64, memoryBytes: 1e9 } });
  return Number(/mean_volume: (-?[\d.]+) dB/.exec(stderr)![1]);
}

/** Red, green and blue of the pixel at `x`, `y` of the first frame. */
async function pixel(file: string, x: number, y: number): Promise<number[]> {
  const raw = path.join(lab.dir, 'pixel.raw');
  await lab.tool('ffmpeg', '-v', 'error', '-y', '-i', file, '-frames:v', '1', '-vf', `format=rgb24,crop=1:1:${x}:${y}`, '-f', 'rawvideo', raw);
  return [...readFileSync(raw)];
}

describe('the picture', () => {
  it.each([
    ['scale stretches', { width: 100, height: 200 }, [100, 200]],
    ['scale of one side keeps the ratio', { width: 640 }, [640, 480]],
    ['max keeps the ratio', { width: 100, height: 100, fit: 'max' }, [100, 76]],
    ['max never enlarges', { width: 1000, height: 1000, fit: 'max' }, [320, 240]],
    ['crop fills the box', { width: 100, height: 100, fit: 'crop' }, [100, 100]],
  ])('%s', async (_, options, expected) => expect(await sides(options)).toEqual(expected));

  it('crop cuts away, scale squeezes', async () => {
    // Red on the left fifth, blue on the rest.
    const flag = await lab.film('flag.mp4', '-vf', 'drawbox=c=blue:t=fill,drawbox=w=64:c=red:t=fill', '-c:v', 'libx264', '-qp', '0');
    const corner = async (fit: string) => (await pixel((await mp4({ width: 60, height: 240, fit }, flag)).file, 2, 100)).map((part) => part > 128);
    expect([await corner('crop'), await corner('scale')]).toEqual([[false, false, true], [true, false, false]]);
  });

  it('is as wide as it is shown, also when its pixels are not square or it lies on its side', async () => {
    const wide = await lab.film('wide.mp4', '-vf', 'setsar=2');
    expect(await sides({ height: 120 }, wide)).toEqual([320, 120]);
    const turned = path.join(lab.dir, 'turned.mp4');
    await lab.tool('ffmpeg', '-v', 'error', '-i', film, '-c', 'copy', '-metadata:s:v', 'rotate=90', turned);
    expect(await sides({ height: 160 }, turned)).toEqual([120, 160]);
  });

  it('of odd sides becomes even', async () => {
    const odd = await lab.film('odd.mkv', '-vf', 'scale=75:51,setsar=1', '-c:v', 'ffv1');
    expect(await sides({}, odd)).toEqual([74, 50]);
  });

  it('aspect_ratio is how it is shown', async () => {
    expect(streamOf(await mp4({ aspect_ratio: '16:9' }), 'video')['display_aspect_ratio']).toBe('16:9');
    expect(streamOf(await mp4({ aspect_ratio: '21:9', video_codec: 'copy', preset: undefined }), 'video')['display_aspect_ratio']).toBe('7:3');
  });

  it('fps', async () => {
    expect(streamOf(await mp4({ fps: 10 }), 'video')).toMatchObject({ avg_frame_rate: '10/1' });
    expect(streamOf(await lab.convert(film, { output_format: 'gif', fps: 5 }), 'video')).toMatchObject({ avg_frame_rate: '5/1' });
  });

  it('crf, video_bitrate and preset change its size', async () => {
    const sizes = async (...sets: object[]) => {
      const found: number[] = [];
      for (const set of sets) found.push(size((await mp4({ audio_codec: 'none', ...set })).file));
      return found;
    };
    const [coarse, fine] = await sizes({ crf: 45 }, { crf: 18 });
    expect(coarse).toBeLessThan(fine! / 2);
    const [small, large, capped] = await sizes({ video_bitrate: 50 }, { video_bitrate: 2000 }, { crf: 10, video_bitrate: 100 });
    expect(small).toBeLessThan(large! / 2);
    expect(capped).toBeLessThan(large! / 2);
    const [quick, slow] = await sizes({ preset: 'ultrafast' }, { preset: 'slow' });
    expect(slow).toBeLessThan(quick!);
  });

  it.each(['vp9', 'av1'])('crf and preset reach %s', async (video_codec) => {
    const sizes = [];
    for (const options of [{ crf: 55 }, { crf: 20 }, { crf: 20, preset: 'ultrafast' }]) sizes.push(size((await lab.convert(film, { output_format: 'webm', video_codec, ...options })).file));
    expect(sizes[0]).toBeLessThan(sizes[1]!);
    expect(sizes[2]).not.toBe(sizes[1]);
  });

  it('copy leaves it bit for bit', async () => {
    const packets = async (file: string) => lab.tool('ffmpeg', '-v', 'error', '-i', file, '-map', '0:v', '-c', 'copy', '-f', 'md5', '-');
    const copied = await lab.convert(film, { output_format: 'mkv', video_codec: 'copy', audio_codec: 'copy' });
    expect(await packets(copied.file)).toBe(await packets(film));
    expect(streamOf(copied, 'audio').codec_name).toBe('aac');
  });
});

describe('the sound', () => {
  it('audio_bitrate', async () => {
    const rates = [];
    for (const audio_bitrate of [64, 256]) rates.push(Number(streamOf(await lab.convert(song, { output_format: 'mp3', audio_bitrate }), 'audio')['bit_rate']));
    expect(rates).toEqual([64_000, 256_000]);
  });

  it('sample_rate, audio_frequency and channels', async () => {
    expect(streamOf(await lab.convert(song, { output_format: 'mp3', sample_rate: 22_050, channels: 1 }), 'audio')).toMatchObject({ sample_rate: '22050', channels: 1 });
    expect(streamOf(await lab.convert(song, { output_format: 'wav', audio_frequency: '8000' }), 'audio')).toMatchObject({ sample_rate: '8000', channels: 2 });
  });

  it('volume', async () => {
    const quieter = await lab.convert(song, { output_format: 'wav', volume: 0.1 });
    expect((await loudness(song)) - (await loudness(quieter.file))).toBeCloseTo(20, 0);
  });

  it('audio_codec none leaves the picture alone', async () => {
    expect((await mp4({ audio_codec: 'none' })).streams.map(({ codec_type }) => codec_type)).toEqual(['video']);
  });

  it('of many channels and odd rates fits into codecs that know few', async () => {
    const surround = await lab.film('surround.wav', '-vn', '-ac', '6', '-ar', '96000');
    expect(streamOf(await lab.convert(surround, { output_format: 'mp3' }), 'audio')).toMatchObject({ channels: 2, sample_rate: '48000' });
    expect(streamOf(await lab.convert(surround, { output_format: 'wma' }), 'audio')).toMatchObject({ channels: 2, sample_rate: '48000' });
    expect(streamOf(await lab.convert(surround, { output_format: 'ac3' }), 'audio')).toMatchObject({ channels: 6, sample_rate: '48000' });
    const low = await lab.film('low.wav', '-vn', '-ac', '1', '-ar', '8000');
    for (const output_format of ['mp2', 'opus', 'ogg', 'aac', 'wma']) await lab.convert(low, { output_format });
  });

  it('of every language is kept where players find it', async () => {
    const two = path.join(lab.dir, 'two.mkv');
    await lab.tool('ffmpeg', '-v', 'error', '-i', film, '-i', song, '-map', '0', '-map', '1:a', '-c', 'copy', two);
    const sounds = async (output_format: string) => (await lab.convert(two, { output_format })).streams.filter(({ codec_type }) => codec_type === 'audio').length;
    expect([await sounds('mp4'), await sounds('avi'), await sounds('mp3')]).toEqual([2, 1, 1]);
  });
});

describe('the whole', () => {
  it('trim_start and trim_end', async () => {
    const long = await lab.film('long.mkv', '-c:v', 'libx264', '-preset', 'ultrafast', '-filter:v', 'tpad=stop_mode=clone:stop_duration=4', '-af', 'apad=whole_dur=4');
    const lasts = async (options: Record<string, unknown>) => Number((await mp4(options, long)).format.duration);
    expect(await lasts({ trim_start: '00:00:01', trim_end: 3 })).toBeCloseTo(2, 1);
    expect(await lasts({ trim_end: '1.5' })).toBeCloseTo(1.5, 1);
    expect(await lasts({ trim_start: 3 })).toBeCloseTo(1.5, 0);
    // Black until the third second, white from then on.
    const dawn = await lab.film('dawn.mkv', '-filter:v', "tpad=stop_mode=clone:stop_duration=4,drawbox=c=black:t=fill,drawbox=c=white:t=fill:enable='gte(t,2)'", '-c:v', 'libx264');
    const brightness = async (options: Record<string, unknown>) => (await pixel((await mp4(options, dawn)).file, 9, 9))[0];
    expect([await brightness({ trim_start: 1.5 }), await brightness({ trim_start: 2.5 })]).toEqual([expect.closeTo(0, -1), expect.closeTo(255, -1)]);
  });

  it('faststart puts the index first', async () => {
    const indexFirst = async (options: Record<string, unknown>) => {
      const bytes = readFileSync((await mp4(options)).file);
      return bytes.indexOf('moov') < bytes.indexOf('mdat');
    };
    expect([await indexFirst({}), await indexFirst({ faststart: false })]).toEqual([true, false]);
  });

  it('strip_metadata', async () => {
    const title = async (options: Record<string, unknown>) => readFileSync((await lab.convert(song, { output_format: 'mp3', ...options })).file).includes('canary title');
    expect([await title({}), await title({ strip_metadata: true })]).toEqual([true, false]);
  });

  it('a long title does not hide what a Windows Media file is', async () => {
    const wordy = await lab.film('wordy.mkv', '-metadata', `comment=${'word '.repeat(2000)}`);
    await lab.convert(wordy, { output_format: 'wmv' });
    await lab.convert(wordy, { output_format: 'wma' });
    await lab.convert(wordy, { output_format: 'mka' });
  });

  it('is named after the input, or as asked', async () => {
    expect((await lab.convert(song, { output_format: 'mp3' }, { filename: 'A Söng.v1.flac' })).filename).toBe('A Söng.v1.mp3');
    expect((await lab.convert(song, { output_format: 'mp3', filename: 'x.mp3' })).filename).toBe('x.mp3');
  });
});
