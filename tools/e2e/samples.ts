import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A PDF of one page that says `words`. */
export function pdf(words: string): Buffer {
  const content = `BT /F1 24 Tf 20 100 Td (${words}) Tj ET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  let text = '%PDF-1.4\n';
  const offsets = objects.map((object, i) => {
    const at = text.length;
    text += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return at;
  });
  const table = offsets.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`).join('');
  return Buffer.from(`${text}xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${text.length}\n%%EOF\n`, 'latin1');
}

/** What a program answers that is given the name of a file of its own. */
function withFile<T>(name: string, work: (file: string) => T): T {
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-sample-'));
  try {
    return work(path.join(folder, name));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What ffmpeg makes of a source of its own. */
const filmed = (name: string, ...args: string[]): Buffer =>
  withFile(name, (file) => {
    execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', ...args, file], { stdio: 'pipe', timeout: 60_000 });
    return readFileSync(file);
  });

/** A film of one second, 64 by 48. */
export const mp4 = (): Buffer => filmed('a.mp4', '-i', 'testsrc=size=64x48:rate=10:duration=1', '-pix_fmt', 'yuv420p');

/** A tone of one second. */
export const mp3 = (): Buffer => filmed('a.mp3', '-i', 'sine=frequency=440:duration=1');

/** What a program tells of a PDF. */
const told = (bytes: Buffer, program: string, ...args: string[]): string =>
  withFile('a.pdf', (file) => {
    writeFileSync(file, bytes);
    return execFileSync(program, [...args, file, ...(program === 'pdftotext' ? ['-'] : [])], { timeout: 30_000 }).toString();
  });

/** The text of each page of a PDF. */
export const pagesOf = (bytes: Buffer): string[] =>
  told(bytes, 'pdftotext')
    .split('\f')
    .slice(0, -1)
    .map((page) => page.trim());

/** Width and height of each picture in a PDF, pixels. */
export const picturesOf = (bytes: Buffer): number[][] =>
  told(bytes, 'pdfimages', '-list')
    .split('\n')
    .slice(2, -1)
    .map((line) => line.trim().split(/\s+/).slice(3, 5).map(Number));
