import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { pids, read } from '../e2e/jails';
import { type Row, timed } from './bench';
import { figure, median } from './figure';
import { convert, imported } from './upload';

const run = promisify(execFile);
const SECONDS = { quick: 4, full: 60 };

/** The same arguments as the engine gave, seen while it ran, and a film of 720p. */
export const transcode: Row = async (bench) => {
  const source = path.join(bench.folder, 'a.mp4');
  const seconds = bench.quick ? SECONDS.quick : SECONDS.full;
  await run('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', `testsrc2=size=1280x720:rate=25:duration=${seconds}`, '-f', 'lavfi', '-i', `sine=duration=${seconds}`, '-preset', 'veryfast', '-pix_fmt', 'yuv420p', source]);
  const input = await imported(bench, 'a.mp4', await readFile(source));
  const one = () => convert(bench, input, { output_format: 'mp4', video_codec: 'x264' });
  const [first, args] = await Promise.all([timed(one), seen(path.basename(bench.stack.dataDir))]);
  bench.note(`ffmpeg ${args.join(' ')}`);
  const bareArgs = args.map((arg, i) => (args[i - 1] === '-i' ? source : i === args.length - 1 ? path.join(bench.folder, 'out.mp4') : arg));
  const bare = () => run('ffmpeg', ['-y', ...bareArgs], { maxBuffer: 64 * 1024 ** 2 });
  const values: number[] = [];
  const yardsticks: number[] = [await timed(bare)];
  // By turns, so that what else the machine does meets both.
  for (let i = 0; i < (bench.quick ? 1 : 5); i += 1) {
    values.push(await timed(one));
    yardsticks.push(await timed(bare));
  }
  bench.note(`the first transcode took ${(first / 1000).toFixed(1)} s`);
  return [figure(`transcode of ${seconds} s of 720p, p50`, median(values), 'ms', '<= 1.05x', (_, ratio) => ratio <= 1.05, median(yardsticks.slice(1)))];
};

/** Arguments of the ffmpeg that runs in a jail of this stack. @throws Error when none is seen in a minute. */
async function seen(stackFolder: string): Promise<string[]> {
  const end = Date.now() + 60_000;
  while (Date.now() < end) {
    for (const pid of pids()) {
      if (read(`/proc/${pid}/comm`) !== 'ffmpeg\n' || !read(`/proc/${pid}/mountinfo`).includes(stackFolder)) continue;
      const args = read(`/proc/${pid}/cmdline`).split('\0').slice(1, -1);
      if (args.includes('-i')) return args;
    }
    await pause(20);
  }
  throw new Error('no ffmpeg of the stack was seen');
}
