import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fakeContext, isLocalOutput, type Engine, type FakeContext, type LocalOutput, type TaskContext } from '@millrace/engine-kit';
import { sniff } from '@millrace/file-types';
import { createSandbox, type Sandbox } from '@millrace/sandbox';
import { ffmpegEngine } from '../ffmpeg-engine';

const LIMITS = { wallMs: 60_000, outputBytes: 1e9, openFiles: 256, processes: 256, memoryBytes: 2e9 };
/** Half a second is enough to be a film, and little enough for dozens of them. */
const SECONDS = 0.5;

/** What ffprobe says of a stream, as it says it. */
export type ProbedStream = Readonly<Record<string, string | number | undefined>> & { readonly codec_type: string; readonly codec_name: string };
export interface Probed {
  readonly streams: readonly ProbedStream[];
  readonly format: Readonly<{ duration?: string; bit_rate?: string; size: string; tags?: Record<string, string> }>;
}

/** The engine, and ffmpeg itself to make files for it and to look at what it made. */
export class MediaLab {
  readonly dir = mkdtempSync(path.join(os.tmpdir(), 'ffmpeg-'));
  private runs = 0;

  private constructor(
    readonly sandbox: Sandbox,
    readonly engine: Engine,
  ) {}

  static async open(mode: 'bwrap' | 'off' = 'bwrap'): Promise<MediaLab> {
    const sandbox = await createSandbox({ mode });
    return new MediaLab(sandbox, await ffmpegEngine.create({ sandbox, faultEnabled: false, nodePath: process.execPath, modulesDir: '' }));
  }

  close(): void {
    rmSync(this.dir, { recursive: true });
  }

  /** Runs ffmpeg or ffprobe and hands back what it printed. */
  async tool(...argv: string[]): Promise<string> {
    const result = await this.sandbox.run({ argv, ro: [], rw: [{ from: this.dir }], limits: LIMITS });
    if (result.exitCode !== 0) throw new Error(`${argv.join(' ')}: ${result.stderr}`);
    return result.stdout;
  }

  /** A film of 320 x 240 at 25 frames a second with a tone of 440 Hz in stereo, unless `args` (options of the output) say otherwise. */
  film(name: string, ...args: string[]): Promise<string> {
    return this.filmOf(SECONDS, name, ...args);
  }

  /** As `film`, so many seconds long. */
  async filmOf(seconds: number, name: string, ...args: string[]): Promise<string> {
    const file = path.join(this.dir, name);
    const sources = ['-f', 'lavfi', '-i', `testsrc2=s=320x240:r=25:d=${seconds}`, '-f', 'lavfi', '-i', `sine=f=440:r=48000:d=${seconds}`];
    await this.tool('ffmpeg', '-v', 'error', '-y', ...sources, '-pix_fmt', 'yuv420p', '-ac', '2', ...args, file);
    return file;
  }

  async probe(file: string): Promise<Probed> {
    return JSON.parse(await this.tool('ffprobe', '-v', 'error', '-print_format', 'json', '-show_format', '-show_streams', file)) as Probed;
  }

  /** Runs the engine on `file` as the runtime would: alone in a folder, under our name, with the type its content shows. */
  async run(file: string, options: Record<string, unknown>, more: Partial<TaskContext> & { type?: string; filename?: string } = {}): Promise<{ ctx: FakeContext; files: LocalOutput[] }> {
    const { type = sniff(readFileSync(file))?.ext, filename = path.basename(file), ...overrides } = more;
    const root = path.join(this.dir, `run-${(this.runs += 1)}`);
    const folders = { inDir: path.join(root, 'in'), outDir: path.join(root, 'out'), scratchDir: path.join(root, 'scratch') };
    for (const folder of [...Object.values(folders), path.join(folders.inDir, '0')]) mkdirSync(folder, { recursive: true });
    const input = path.join(folders.inDir, '0', `input.${type ?? 'bin'}`);
    const bytes = readFileSync(file);
    writeFileSync(input, bytes);
    const ctx = fakeContext({ ...folders, options, inputs: [{ blob: 'b', path: input, filename, size: bytes.length, type, task: 't' }], ...overrides });
    const { files } = await this.engine.run(ctx);
    return { ctx, files: files.filter(isLocalOutput) };
  }

  /** Converts `file` and probes what came of it, which must show the type that was promised. */
  async convert(file: string, options: Record<string, unknown>, more: Parameters<MediaLab['run']>[2] = {}): Promise<Probed & { readonly file: string; readonly filename: string }> {
    const { files } = await this.run(file, options, more);
    const [made] = files;
    if (!made || files.length !== 1) throw new Error(`${files.length} files were made`);
    const type = sniff(readFileSync(made.path))?.ext;
    if (type !== made.expect) throw new Error(`${made.filename} is ${type}, not ${made.expect}`);
    return { ...(await this.probe(made.path)), file: made.path, filename: made.filename };
  }
}

/** The first stream of a kind. */
export function streamOf(probed: Probed, kind: 'video' | 'audio'): ProbedStream {
  const found = probed.streams.find(({ codec_type }) => codec_type === kind);
  if (!found) throw new Error(`there is no ${kind}`);
  return found;
}
