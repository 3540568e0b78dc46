import { copyFile, mkdir, readFile, rm, stat } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createSandbox } from '@millrace/sandbox';
import { sampleOf } from '../matrix/samples';
import { type Bench, inFlight, type Row, series, timed } from './bench';
import { figure, median } from './figure';
import { convert, imported } from './upload';

const PROGRAM = ['/usr/lib/libreoffice/program/soffice.bin', '/usr/lib64/libreoffice/program/soffice.bin'];
const LIMITS = { wallMs: 120_000, outputBytes: 256 * 1024 ** 2, openFiles: 1024, processes: 128, memoryBytes: 2 * 1024 ** 3 };
const BATCH = 20;

async function sample({ folder }: Bench): Promise<string> {
  const file = await sampleOf('docx', folder);
  if (!file) throw new Error('LibreOffice makes no docx here');
  return file;
}

/** One page, the office warm. */
export const warm: Row = async (bench) => {
  const file = await sample(bench);
  const input = await imported(bench, 'a.docx', await readFile(file));
  const one = () => convert(bench, input, { output_format: 'pdf' });
  await series(4, one);
  const all = await series(bench.quick ? 5 : 40, one);
  const bare = await spawned(bench, file, bench.quick ? 2 : 10);
  return [figure('docx to pdf, warm, p50', median(all), 'ms', '<= 150 ms', (value) => value <= 150, bare)];
};

/** `soffice --convert-to` in a jail, its profile already made; median ms. */
async function spawned({ folder }: Bench, file: string, count: number): Promise<number> {
  const sandbox = await createSandbox({ mode: 'bwrap' });
  const work = path.join(folder, 'spawned');
  await mkdir(work, { recursive: true });
  const source = path.join(work, 'a.docx');
  const result = path.join(work, 'a.pdf');
  await copyFile(file, source);
  const program = PROGRAM.find((name) => existsSync(name))!;
  const ro = ['/etc/libreoffice', '/var/cache/fontconfig'].filter((name) => existsSync(name)).map((from) => ({ from }));
  const argv = [program, `-env:UserInstallation=file://${work}/profile`, '--headless', '--norestore', '--convert-to', 'pdf', '--outdir', work, source];
  const one = async () => {
    await rm(result, { force: true });
    const { exitCode, stderr } = await sandbox.run({ argv, env: { HOME: work, SAL_USE_VCLPLUGIN: 'svp' }, ro, rw: [{ from: work }], limits: LIMITS });
    // 81: the profile was made, begin again.
    if (exitCode !== 81 && !((await stat(result)).size > 0)) throw new Error(`soffice made nothing: ${stderr}`);
  };
  await series(2, one);
  return median(await series(count, one));
}

/** Twenty at once against the same one after another. */
export const batch: Row = async (bench) => {
  const input = await imported(bench, 'a.docx', await readFile(await sample(bench)));
  let failed = 0;
  const one = () => convert(bench, input, { output_format: 'pdf' }).catch(() => (failed += 1));
  await inFlight(4, 4, one);
  failed = 0;
  const sequential = await timed(() => series(BATCH, one));
  const together = await timed(() => inFlight(BATCH, BATCH, one));
  bench.note(`${BATCH} docx at once: ${failed} failed`);
  return [figure(`${BATCH} docx at once`, together, 'ms', '0 failed, < sequential', (_, ratio) => failed === 0 && ratio < 1, sequential)];
};
