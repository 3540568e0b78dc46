import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isFailure, type Failure } from '@millrace/failures';
import { listen, type Listener } from './testing/listener';
import { MediaLab } from './testing/media-lab';
import { disguised, playlists, type Targets } from './testing/playlists';

/** In the jail, and without it: what the arguments of ffmpeg stop by themselves. */
const labs: Partial<Record<'bwrap' | 'off', MediaLab>> = {};
let listener: Listener;
let targets: Targets;
let film: string;
beforeAll(async () => {
  for (const mode of ['bwrap', 'off'] as const) labs[mode] = await MediaLab.open(mode);
  listener = await listen();
  const { dir } = labs.off!;
  film = await labs.bwrap!.film('film.mp4');
  targets = { http: `http://127.0.0.1:${listener.port}`, udpPort: listener.udpPort, canary: await labs.off!.film('canary.ts', '-c:v', 'mpeg2video', '-metadata', 'service_name=canarybytes'), self: path.join(dir, 'self.m3u8') };
});
afterAll(async () => {
  for (const lab of Object.values(labs)) lab.close();
  await listener.close();
});
/** The same worker serves the next customer. */
async function control(): Promise<void> {
  expect((await labs.bwrap!.convert(film, { output_format: 'mp3' })).streams).toHaveLength(1);
}

async function failureOf(run: Promise<unknown>): Promise<Failure> {
  try {
    await run;
  } catch (error) {
    if (isFailure(error)) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

/** Everything a failure says, to the customer and to the log. */
const told = (failure: Failure) => `${failure.publicMessage} ${String(failure.cause)}`;
const LIES = { bwrap: ['mp4', 'avi', 'mp3'], off: ['mp4'] };

describe('playlists', () => {
  afterAll(control);

  it.each(['bwrap', 'off'] as const)('are refused under every name and as every type: %s', async (mode) => {
    const lab = labs[mode]!;
    const before = listener.hits();
    for (const [name, text] of Object.entries(playlists(targets))) {
      const file = path.join(lab.dir, name);
      writeFileSync(file, text);
      for (const lie of LIES[mode]) {
        const byContent = await failureOf(lab.run(file, { output_format: lie }, { filename: `${name}_as.${lie}` }));
        expect([name, byContent.code]).toEqual([name, 'INVALID_INPUT']);
        // As if our own look at the content had been fooled: the reader of that type opens it, and no other.
        const fooled = await failureOf(lab.run(file, { output_format: lie }, { type: lie, filename: `${name}.${lie}` }));
        expect([name, lie, fooled.code]).toEqual([name, lie, 'INVALID_INPUT']);
        expect(told(fooled)).not.toMatch(/canarybytes/);
      }
    }
    expect(listener.hits()).toBe(before);
  });

  it.each(['bwrap', 'off'] as const)('behind the first bytes of a film are refused too: %s', async (mode) => {
    const lab = labs[mode]!;
    const before = listener.hits();
    for (const [type, bytes] of Object.entries(disguised(targets))) {
      const file = path.join(lab.dir, `disguised.${type}`);
      writeFileSync(file, bytes);
      expect([type, (await failureOf(lab.run(file, { output_format: 'mp3' }))).code]).toEqual([type, 'INVALID_INPUT']);
    }
    expect(listener.hits()).toBe(before);
  });

  it('are as dangerous as that: ffmpeg left to itself follows them', async () => {
    const lab = labs.off!;
    const made = playlists(targets);
    const bare = async (name: string, as = 'mp4', ...args: string[]) => {
      const file = path.join(lab.dir, `${name}_as.${as}`);
      writeFileSync(file, made[name]!);
      const limits = { wallMs: 20_000, outputBytes: 1e8, openFiles: 64, processes: 64, memoryBytes: 1e9 };
      return lab.sandbox.run({ argv: ['ffmpeg', '-nostdin', '-v', 'info', '-y', ...args, '-i', file, '-t', '0.1', '-f', 'null', '-'], ro: [], rw: [], limits });
    };
    const before = listener.hits();
    for (const name of ['hls_file', 'hls_master_child_file']) expect((await bare(name)).stderr).toContain(`Opening '${targets.canary}' for reading`);
    // What ffmpeg allows by default is files alone, here; the listener would hear it if it allowed more.
    await bare('hls_http', 'm3u8', '-protocol_whitelist', 'file,http,tcp');
    expect(listener.hits()).toBeGreaterThan(before);
  });
});

describe('files that are too much', () => {
  afterEach(control);

  const refused = async (file: string, code: string, message: string, options = {}) => {
    const failure = await failureOf(labs.bwrap!.run(file, { output_format: 'mkv', ...options }));
    expect([failure.code, failure.publicMessage]).toEqual([code, expect.stringContaining(message)]);
  };

  it('a small file that says its picture is enormous', async () => {
    const file = await labs.bwrap!.film('raw.avi', '-c:v', 'rawvideo', '-pix_fmt', 'bgr24', '-an', '-frames:v', '1');
    await labs.bwrap!.convert(file, { output_format: 'mp4' });
    const bytes = readFileSync(file);
    const header = bytes.indexOf('strf') + 8;
    const bomb = path.join(labs.bwrap!.dir, 'bomb.avi');
    const say = (side: number) => {
      bytes.writeUInt32LE(side, header + 4);
      bytes.writeUInt32LE(side, header + 8);
      writeFileSync(bomb, bytes);
    };
    say(16_000);
    await refused(bomb, 'LIMIT_EXCEEDED', '16,000 x 16,000');
    // More than ffmpeg itself believes.
    say(32_767);
    await refused(bomb, 'INVALID_INPUT', 'damaged');
  });

  it('a million frames a second', async () => {
    const file = path.join(labs.bwrap!.dir, 'fast.mp4');
    await labs.bwrap!.tool('ffmpeg', '-v', 'error', '-f', 'lavfi', '-i', 'testsrc=s=64x64:r=1000000', '-frames:v', '20', '-c:v', 'libx264', '-video_track_timescale', '1000000', file);
    await refused(file, 'LIMIT_EXCEEDED', 'frames a second');
  });

  it('two frames that are weeks apart', async () => {
    const file = path.join(labs.bwrap!.dir, 'apart.mkv');
    await labs.bwrap!.tool('ffmpeg', '-v', 'error', '-f', 'lavfi', '-i', 'testsrc=s=64x64:r=25', '-frames:v', '2', '-vf', 'setpts=N*3000000/TB', '-vsync', 'vfr', '-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p', file);
    await refused(file, 'LIMIT_EXCEEDED', 'lasts');
  });

  it('a crowd of streams', async () => {
    const voice = await labs.bwrap!.film('voice.wav', '-vn');
    const file = path.join(labs.bwrap!.dir, 'crowd.mka');
    // Copied, since ffmpeg would start a thread for each that it has to encode.
    const crowd = (count: number) => labs.bwrap!.tool('ffmpeg', '-v', 'error', '-y', '-i', voice, ...Array.from({ length: count }, () => ['-map', '0']).flat(), '-c', 'copy', '-f', 'matroska', file);
    await crowd(3);
    await labs.bwrap!.convert(file, { output_format: 'mp3' });
    await crowd(70);
    await refused(file, 'LIMIT_EXCEEDED', '70 streams', { output_format: 'mp3' });
    await crowd(220);
    await refused(file, 'LIMIT_EXCEEDED', 'The file crowd.mka', { output_format: 'mp3' });
  });
});

describe('files that are not what they should be', () => {
  afterAll(control);

  const refused = async (bytes: Buffer, name: string, message: string, options: Record<string, unknown> = { output_format: 'mp3' }) => {
    const file = path.join(labs.bwrap!.dir, `bad-${name}`);
    writeFileSync(file, bytes);
    const failure = await failureOf(labs.bwrap!.run(file, options));
    expect([name, failure.code, failure.publicMessage]).toEqual([name, 'INVALID_INPUT', expect.stringContaining(message)]);
  };

  it('empty, text, an image, garbage behind a good head', async () => {
    await refused(Buffer.alloc(0), 'empty.mp4', 'is empty');
    await refused(Buffer.from('hello'), 'text.mp4', 'no known type');
    await refused(Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), 'image.mp4', 'its content is png');
    const garbage = readFileSync(film).fill(0x55, 40);
    await refused(garbage, 'garbage.mp4', 'damaged');
  });

  it('cut in the middle', async () => {
    const lab = labs.bwrap!;
    for (const [name, ...args] of [['cut.mp4', '-c:v', 'mpeg4', '-movflags', '+faststart'], ['cut.mkv', '-c:v', 'mpeg4'], ['cut.flv'], ['cut.webm', '-c:v', 'libvpx']] as const) {
      const bytes = readFileSync(await lab.filmOf(4, name, ...args));
      await refused(bytes.subarray(0, bytes.length / 3), name, 'incomplete', { output_format: 'mkv', preset: 'ultrafast' });
    }
    for (const name of ['cut.avi', 'cut.wav']) {
      const bytes = readFileSync(await lab.film(name));
      await refused(bytes.subarray(0, bytes.length / 2), name, 'incomplete');
    }
    const bytes = readFileSync(film);
    await refused(bytes.subarray(0, bytes.length - 2000), 'index.mp4', 'damaged');
    const flac = readFileSync(await lab.filmOf(4, 'cut.flac', '-vn'));
    await refused(flac.subarray(0, flac.length / 3), 'cut.flac', 'incomplete');
  });

  it('a film without sound, a song without a picture', async () => {
    const lab = labs.bwrap!;
    await refused(readFileSync(await lab.film('silent.mp4', '-an')), 'silent.mp4', 'has no sound');
    await refused(readFileSync(await lab.film('song.mp4', '-vn')), 'song.mp4', 'has no picture', { output_format: 'webm' });
    // The cover of an album is no film.
    const cover = path.join(lab.dir, 'cover.m4a');
    await lab.tool('ffmpeg', '-v', 'error', '-i', film, '-map', '0:a', '-map', '0:v', '-c:a', 'copy', '-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p', '-frames:v', '1', '-disposition:v', 'attached_pic', '-f', 'ipod', cover);
    await refused(readFileSync(cover), 'cover.m4a', 'has no picture', { output_format: 'mp4' });
    expect((await lab.convert(cover, { output_format: 'mp3' })).streams).toHaveLength(1);
  });

  it('named as options, protocols and patterns are: names are labels', async () => {
    for (const filename of ['-i_http:x.mp4', '%d.mp4', 'concat:a|b.mp4', 'file:x.mp4\n', "';../../x.mp4"]) {
      expect((await labs.bwrap!.convert(film, { output_format: 'mp3' }, { filename })).filename).not.toMatch(/[/\n]|^-/);
    }
  });

  it('named as something else: content decides', async () => {
    const file = path.join(labs.bwrap!.dir, 'really-a-film.mp3');
    copyFileSync(film, file);
    expect((await labs.bwrap!.convert(file, { output_format: 'webm', video_codec: 'vp8' })).streams).toHaveLength(2);
  });
});
