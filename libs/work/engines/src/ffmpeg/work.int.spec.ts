import { readFileSync, readdirSync } from 'node:fs';
import { sniff } from '@millrace/file-types';
import { MediaLab, streamOf } from './testing/media-lab';

let lab: MediaLab;
let film: string;
beforeAll(async () => {
  lab = await MediaLab.open();
  film = await lab.filmOf(4, 'film.mp4', '-preset', 'ultrafast');
});
afterAll(() => lab.close());

/** Command lines of this machine's processes that name this lab's folder. */
function running(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
      } catch (error) {
        if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
        throw error;
      }
    })
    .filter((line) => line.includes(lab.dir));
}

/** So much work that it would go on for minutes. */
const LONG = { output_format: 'webm', video_codec: 'av1', preset: 'veryslow', width: 1920, height: 1080, fps: 60 };

describe('thumbnails', () => {
  const pictures = async (options: Record<string, unknown>, file = film) => {
    const { files, ctx } = await lab.run(file, { output_format: 'png', ...options }, { operation: 'thumbnail' });
    const probed = [];
    for (const made of files) {
      expect(sniff(readFileSync(made.path))?.ext).toBe(made.expect);
      probed.push(streamOf(await lab.probe(made.path), 'video'));
    }
    return { files, ctx, sizes: probed.map(({ width, height }) => [width, height]) };
  };

  it.each(['png', 'jpg', 'webp'])('as %s', async (output_format) => {
    const { files, sizes } = await pictures({ output_format });
    expect([files.map(({ filename }) => filename), sizes]).toEqual([[`film.${output_format}`], [[300, 225]]]);
  });

  it.each([
    [{ width: 100, height: 100 }, [100, 75]],
    [{ width: 900 }, [320, 240]],
    [{ width: 101, height: 99, fit: 'crop' }, [101, 99]],
    [{ width: 640, height: 100, fit: 'scale' }, [640, 100]],
  ])('%j', async (options, size) => expect((await pictures(options)).sizes).toEqual([size]));

  it('timestamp and count choose the frames', async () => {
    const bytes = async (options: object) => (await pictures(options as Record<string, unknown>)).files.map((file) => readFileSync(file.path).toString('base64'));
    const [early] = await bytes({ timestamp: '00:00:01' });
    const [late] = await bytes({ timestamp: '00:00:03' });
    expect(early).not.toBe(late);
    const { files, ctx } = await pictures({ count: 4, timestamp: 0, filename: 'shot-%d.png' });
    expect(files.map(({ filename }) => filename)).toEqual(['shot-1.png', 'shot-2.png', 'shot-3.png', 'shot-4.png']);
    const shots = files.map((file) => readFileSync(file.path).toString('base64'));
    expect([new Set(shots).size, shots[1], shots[3]]).toEqual([4, early, late]);
    expect(ctx.reported).toEqual([25, 50, 75, 100]);
  });

  it('of a film of one frame, of an animation, of a film whose length nobody knows', async () => {
    expect((await pictures({}, await lab.film('one.mp4', '-frames:v', '1', '-an'))).sizes).toEqual([[300, 225]]);
    expect((await pictures({ count: 2 }, await lab.film('some.gif'))).sizes).toHaveLength(2);
    expect((await pictures({ count: 2 }, await lab.film('live.mkv', '-live', '1'))).sizes).toHaveLength(2);
  });

  it('of several films', async () => {
    const { ctx } = await pictures({});
    const inputs = [ctx.inputs[0]!, { ...ctx.inputs[0]!, filename: 'b.mp4' }];
    const names = async (options: object) => (await lab.run(film, { output_format: 'jpg', ...options }, { operation: 'thumbnail', inputs })).files.map(({ filename }) => filename);
    expect(await names({ count: 2 })).toEqual(['film-1.jpg', 'film-2.jpg', 'b-1.jpg', 'b-2.jpg']);
    expect(await names({ filename: 'x-%d.jpg' })).toEqual(['x-1.jpg', 'x-2.jpg']);
  });

  it('shows frames as they are seen', async () => {
    expect((await pictures({}, await lab.film('wide.mp4', '-vf', 'setsar=2'))).sizes).toEqual([[300, 113]]);
  });

  it('refuses what has no such frame', async () => {
    await expect(pictures({ timestamp: 60 })).rejects.toMatchObject({ code: 'INVALID_INPUT', publicMessage: expect.stringContaining('behind the end') });
    await expect(pictures({ count: 101 })).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    await expect(pictures({}, await lab.film('song.mp3', '-vn'))).rejects.toMatchObject({ code: 'INVALID_INPUT', publicMessage: expect.stringContaining('no picture') });
  });
});

describe('a run', () => {
  it('tells how far it is', async () => {
    const { ctx } = await lab.run(film, { output_format: 'mkv', preset: 'slow', width: 800 });
    expect(ctx.reported.at(-1)).toBe(100);
    expect(ctx.reported.filter((percent) => percent > 0 && percent < 100).length).toBeGreaterThan(0);
    expect([...ctx.reported].sort((a, b) => a - b)).toEqual(ctx.reported);
  });

  it('is stopped, and nothing of it is left', async () => {
    const stop = new AbortController();
    const told: number[] = [];
    const progress = (percent: number) => {
      told.push(percent);
      stop.abort();
    };
    await expect(lab.run(film, LONG, { signal: stop.signal, progress })).rejects.toMatchObject({ code: 'CANCELLED' });
    expect([told.length > 0, running()]).toEqual([true, []]);
  });

  it('ends at its deadline, and is not to be repeated', async () => {
    await expect(lab.run(film, LONG, { deadline: new Date(Date.now() + 1500) })).rejects.toMatchObject({ code: 'TIMEOUT', class: 'limit' });
    expect(running()).toEqual([]);
  });

  it('leaves its neighbours alone when it is stopped', async () => {
    const stop = new AbortController();
    const stopped = lab.run(film, LONG, { signal: stop.signal, progress: () => stop.abort() });
    const [outcome, other] = await Promise.allSettled([stopped, lab.run(film, { output_format: 'mp3' })]);
    expect([outcome.status, other.status]).toEqual(['rejected', 'fulfilled']);
  });

  it('takes several files, each by itself, and no operation that it does not know', async () => {
    const { ctx } = await lab.run(film, { output_format: 'mp3' });
    const [input] = ctx.inputs;
    const many = { inputs: [input!, { ...input!, filename: 'b.mp4' }] };
    const { files, ctx: both } = await lab.run(film, { output_format: 'mp3' }, many);
    expect(files.map(({ filename }) => filename)).toEqual(['film.mp3', 'b.mp3']);
    expect(both.reported).toEqual(expect.arrayContaining([50, 100]));
    await expect(lab.run(film, { output_format: 'mp3' }, { operation: 'merge' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(lab.run(film, { output_format: 'mp3' }, { inputs: [] })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});
