import { readFile, stat } from 'node:fs/promises';
import sharp from 'sharp';
import { typeOf } from './convert-sample';
import { CANARY } from './samples';
import { run } from './samples/run';

/** What kind of thing a format is, as far as looking at a result goes. */
export type Kind = 'image' | 'audio' | 'video' | 'document';

/** Shorter than the samples, which last 1.2 s: codecs cut and pad. */
const LEAST_SECONDS = 0.8;

async function imageProblem(file: string): Promise<string | undefined> {
  const { data, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true });
  const plain = data.every((value) => value === data[0]);
  return info.width > 1 && !plain ? undefined : 'the picture is blank';
}

async function mediaProblem(kind: 'audio' | 'video', file: string): Promise<string | undefined> {
  const { streams, format } = JSON.parse(await run('ffprobe', ['-v', 'error', '-of', 'json', '-show_streams', '-show_format', file])) as {
    streams: { codec_type: string }[];
    format: { duration?: string };
  };
  if (!streams.some(({ codec_type: type }) => type === kind)) return `there is no ${kind} stream`;
  // Bare streams know no duration; then decoding has to do.
  const seconds = format.duration === undefined ? LEAST_SECONDS : Number(format.duration);
  if (seconds < LEAST_SECONDS) return `it lasts ${seconds} s`;
  await run('ffmpeg', ['-v', 'error', '-xerror', '-nostdin', '-i', file, '-f', 'null', '-']);
  return undefined;
}

/** The text of a document, as it lies in the file. */
async function textOf(format: string, file: string): Promise<string> {
  if (format === 'pdf') return run('pdftotext', [file, '-']);
  const bytes = await readFile(file);
  const zipped = bytes.subarray(0, 2).toString('latin1') === 'PK';
  return zipped ? run('bsdtar', ['-xOf', file]) : bytes.toString('latin1') + bytes.toString('utf16le');
}

const documentProblem = async (format: string, file: string): Promise<string | undefined> => ((await textOf(format, file)).includes(CANARY) ? undefined : 'the text of the sample is not in it');

/** Formats that have no signature: for these the content is all there is to look at. */
const PLAIN = new Set(['txt', 'csv', 'html', 'md', 'rtf', 'svg', 'fodt', 'fods', 'fodp', 'fodg', 'aac', 'mp3', 'mp2', 'ac3']);

/** Endings of which content may show only another name. The first bytes of a compound file need not reach the list of what is in it. */
const SAME: Readonly<Record<string, string>> = { oga: 'ogg', doc: 'cfb', xls: 'cfb', ppt: 'cfb' };

/**
 * What is wrong with a result; undefined when it is what it was promised to be.
 * @param kind of the result; @param drawn true when a document was made from a picture, which has no text.
 */
export async function problemOf(format: string, kind: Kind, file: string, drawn: boolean): Promise<string | undefined> {
  const { size } = await stat(file);
  if (size === 0) return 'it is empty';
  const type = await typeOf(file);
  if (type !== format && type !== SAME[format] && !(type === undefined && PLAIN.has(format))) return `its content is ${type ?? 'unknown'}`;
  try {
    if (kind === 'image') return await imageProblem(file);
    if (kind === 'document') return drawn ? undefined : await documentProblem(format, file);
    return await mediaProblem(kind, file);
  } catch (error) {
    return `it cannot be read: ${(error as Error).message.slice(0, 200)}`;
  }
}
