import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createSandbox, type Sandbox } from '@millrace/sandbox';

const LIMITS = { wallMs: 60_000, outputBytes: 100_000_000, openFiles: 256, processes: 16, memoryBytes: 1_000_000_000 };
let made: Promise<Sandbox> | undefined;

/**
 * Runs a program over a file with these bytes, in a folder where it may write.
 * @param argv `in.pdf` is the file.
 * @returns what it printed, or the file `made` that it wrote.
 */
async function tool(pdf: Buffer, argv: string[], wrote?: string): Promise<Buffer> {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'facts-'));
  try {
    writeFileSync(path.join(dir, 'in.pdf'), pdf);
    made ??= createSandbox({ mode: 'bwrap' });
    const { exitCode, stdout, stderr } = await (await made).run({ argv, cwd: dir, ro: [], rw: [{ from: dir }], limits: LIMITS });
    if (exitCode !== 0) throw new Error(`${argv.join(' ')}: ${stderr}`);
    return wrote === undefined ? Buffer.from(stdout) : readFileSync(path.join(dir, wrote));
  } finally {
    rmSync(dir, { recursive: true });
  }
}

export const pageCount = async (pdf: Buffer): Promise<number> => Number(/^Pages:\s+(\d+)/m.exec(String(await tool(pdf, ['pdfinfo', 'in.pdf'])))?.[1]);

/** What the pages say, white space folded. */
export const textOf = async (pdf: Buffer): Promise<string> => String(await tool(pdf, ['pdftotext', '-layout', 'in.pdf', '-'])).replace(/\s+/g, ' ').trim();

/** Width in pixels of each picture. */
export async function imageWidths(pdf: Buffer): Promise<number[]> {
  const lines = String(await tool(pdf, ['pdfimages', '-list', 'in.pdf'])).split('\n');
  return lines.filter((line) => /^\s*\d+\s+\d+\s+image/.test(line)).map((line) => Number(line.trim().split(/\s+/)[3]));
}

/** The titles of the outline, top level. */
export async function outlineOf(pdf: Buffer): Promise<string[]> {
  const { outlines } = JSON.parse(String(await tool(pdf, ['qpdf', '--json', '--json-key=outlines', 'in.pdf']))) as { outlines: { title: string }[] };
  return outlines.map(({ title }) => title);
}

/** The file with all that is compressed in it made readable. */
export const unpacked = async (pdf: Buffer): Promise<string> => (await tool(pdf, ['qpdf', '--qdf', '--object-streams=disable', 'in.pdf', 'out.pdf'], 'out.pdf')).toString('latin1');

/** The first page as a PNG, at 60 dots an inch. */
export const firstPage = (pdf: Buffer): Promise<Buffer> => tool(pdf, ['pdftoppm', '-png', '-r', '60', '-singlefile', 'in.pdf', 'page'], 'page.png');
