import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Lends `use` a file with these bytes. */
export function asFile<T>(bytes: Buffer, use: (file: string) => T): T {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'facts-'));
  try {
    const file = path.join(dir, 'file');
    writeFileSync(file, bytes);
    return use(file);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

const tool = (program: string, ...argv: string[]) => execFileSync(program, argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

export const pageCount = (pdf: Buffer): number => Number(/^Pages:\s+(\d+)/m.exec(asFile(pdf, (file) => tool('pdfinfo', file)))?.[1]);

/** What the pages say, white space folded. */
export const textOf = (pdf: Buffer): string => asFile(pdf, (file) => tool('pdftotext', '-layout', file, '-')).replace(/\s+/g, ' ').trim();

/** Width in pixels of each picture. */
export const imageWidths = (pdf: Buffer): number[] =>
  asFile(pdf, (file) => tool('pdfimages', '-list', file))
    .split('\n')
    .slice(2)
    .filter((line) => /^\s*\d+\s+\d+\s+image/.test(line))
    .map((line) => Number(line.trim().split(/\s+/)[3]));

/** The titles of the outline, top level. */
export function outlineOf(pdf: Buffer): string[] {
  const { outlines } = JSON.parse(asFile(pdf, (file) => tool('qpdf', '--json', '--json-key=outlines', file))) as { outlines: { title: string }[] };
  return outlines.map(({ title }) => title);
}

/** Titles of comments kept as annotations. */
export const qdf = (pdf: Buffer): string => asFile(pdf, (file) => execFileSync('qpdf', ['--qdf', '--object-streams=disable', file, '-'], { encoding: 'latin1' }));
