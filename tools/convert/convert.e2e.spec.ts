import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';

const UP = path.resolve(__dirname, '../up/up.cjs');
const WITHIN_MS = 120_000;

/** Runs a command of this checkout; answers its exit code and what it wrote. */
const command = (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
  new Promise((resolve) => execFile(process.execPath, [UP, ...args], { timeout: WITHIN_MS }, (error, stdout, stderr) => resolve({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr })));

describe('npm run convert', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-convert-'));
  chmodSync(folder, 0o711);
  const dataDir = path.join(folder, 'data');
  const photo = path.join(folder, 'my photo, "ü".png');
  const out = (name: string): string => path.join(folder, name);
  const convert = (...args: string[]) => command('convert', ...args, '--data-dir', dataDir);

  beforeAll(async () => {
    await sharp({ create: { width: 300, height: 200, channels: 3, background: '#0a7' } }).png().toFile(photo);
  });
  afterAll(async () => {
    await command('down', '--data-dir', dataDir);
    rmSync(folder, { recursive: true, force: true });
  }, WITHIN_MS);

  it(
    'starts the platform when none runs, tells how far it is, and writes the file',
    async () => {
      const { code, stdout, stderr } = await convert(photo, out('small.webp'), '--width', '120');
      expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
      expect(stderr).toContain('Millrace is ready');
      expect(stderr).toContain('uploading my photo, "ü".png: 100 %');
      expect(stdout).toContain(out('small.webp'));
      expect(await sharp(out('small.webp')).metadata()).toMatchObject({ format: 'webp', width: 120, height: 80 });
    },
    WITHIN_MS,
  );

  it(
    'uses the running one, and says nothing with --quiet',
    async () => {
      expect(await convert(photo, out('again.jpg'), '--quiet')).toEqual({ code: 0, stdout: '', stderr: '' });
      expect((await sharp(out('again.jpg')).metadata()).format).toBe('jpeg');
    },
    WITHIN_MS,
  );

  it(
    'says in the words of the platform what is wrong with an option, a format or a file, and leaves no file',
    async () => {
      writeFileSync(out('broken.png'), readFileSync(photo).subarray(0, 60));
      const option = await convert(photo, out('no.webp'), '--fit=round');
      const format = await convert(photo, out('no.nonsense'));
      const file = await convert(out('broken.png'), out('no.webp'));
      expect([option.code, format.code, file.code]).toEqual([1, 1, 1]);
      expect(option.stderr).toMatch(/fit: .*max, crop, scale/);
      expect(format.stderr).toMatch(/\(INVALID_CONVERSION_TYPE\)\n  output_format: .*Valid values: .*webp/);
      expect(file.stderr).toContain('(INVALID_INPUT)');
      expect([existsSync(out('no.webp')), existsSync(out('no.nonsense'))]).toEqual([false, false]);
    },
    WITHIN_MS,
  );

  it(
    'leaves no job behind',
    async () => {
      const { stdout } = await command('status', '--json', '--data-dir', dataDir);
      const { baseUrl, apiKey } = JSON.parse(stdout) as { baseUrl: string; apiKey: string };
      const answer = await fetch(`${baseUrl}/v2/jobs?filter[tag]=convert`, { headers: { authorization: `Bearer ${apiKey}` } });
      expect(((await answer.json()) as { data: unknown[] }).data).toEqual([]);
    },
    WITHIN_MS,
  );
});
