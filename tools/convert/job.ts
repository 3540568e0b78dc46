import path from 'node:path';
import { UsageError } from './arguments';

type Tasks = Record<string, Record<string, unknown>>;

const ARCHIVES = ['zip', '7z', 'tar', 'tar.gz', 'tar.bz2'];

/** The format that a file name asks for: "tar.gz" is one. Throws UsageError for a name without an ending. */
export function formatOf(name: string): string {
  const lower = path.basename(name).toLowerCase();
  const archive = ARCHIVES.find((format) => format.includes('.') && lower.endsWith(`.${format}`));
  const format = archive ?? path.extname(lower).slice(1);
  if (format === '') throw new UsageError(`${name}: the name of the output needs an ending, such as .pdf, that tells the format.`);
  return format;
}

/** The task that makes `format` of so many uploads. */
function work(uploads: readonly string[], format: string, options: Readonly<Record<string, string>>): Record<string, unknown> {
  if (ARCHIVES.includes(format)) return { operation: 'archive', input: uploads, output_format: format, ...options };
  if (uploads.length === 1) return { operation: 'convert', input: uploads[0], output_format: format, ...options };
  if (format === 'pdf') return { operation: 'merge', input: uploads, output_format: format, ...options };
  throw new UsageError(`Several files become one pdf or one archive (${ARCHIVES.join(', ')}), not ${format}.`);
}

/** The body of the job: one upload per input, the conversion, the export. Uploads are named upload-0, upload-1, ... */
export function jobOf(inputs: number, output: string, options: Readonly<Record<string, string>>): { tag: string; tasks: Tasks } {
  const uploads = Array.from({ length: inputs }, (_, index) => `upload-${index}`);
  const tasks: Tasks = Object.fromEntries(uploads.map((name) => [name, { operation: 'import/upload' }]));
  return { tag: 'convert', tasks: { ...tasks, work: work(uploads, formatOf(output), options), export: { operation: 'export/url', input: 'work' } } };
}

/** Where each of `count` results goes: numbered before the ending when there are several. */
export function outputPaths(output: string, count: number): string[] {
  if (count === 1) return [output];
  const ending = `.${formatOf(output)}`;
  const stem = output.slice(0, -ending.length);
  return Array.from({ length: count }, (_, index) => `${stem}-${index + 1}${ending}`);
}
