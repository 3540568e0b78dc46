import type { IncomingMessage } from 'node:http';
import type { Readable, Writable } from 'node:stream';
import busboy from 'busboy';
import { linger } from '@millrace/access';
import { Failure, isFailure } from '@millrace/failures';
import { MultipartHead } from './multipart-head';

/** Fields of a form, at most; ours has eight or nine. */
const FIELDS = 40;
/** Bytes of one field's value, at most. */
const FIELD_BYTES = 16 * 1024;
/** An upload of which nothing comes for so long is given up, ms; it may take hours as long as it moves. */
const STALL_MS = 120_000;

/** What is done with the file. `fields` are those that stood before it. */
export type TakeFile<T> = (fields: Readonly<Record<string, string>>, file: Readable, filename: string) => Promise<T>;

const bad = (message: string, cause?: unknown): Failure => new Failure('INVALID_DATA', message, { cause });

function boundaryOf(contentType: string | undefined): string {
  const [, quoted, plain] = /^multipart\/form-data\s*;.*?\bboundary=(?:"([^"]{1,200})"|([^\s;"]{1,200}))/i.exec(contentType ?? '') ?? [];
  const boundary = quoted ?? plain;
  if (!boundary) throw bad('The request is not a form with a file (multipart/form-data).');
  return boundary;
}

/**
 * Reads a form and hands its file on while it arrives. Resolves when the whole form was read and `take` is done; what stands behind the file is ignored.
 * Throws what `take` throws, INVALID_DATA for a malformed form, a form without a file, or one that was cut.
 */
export async function readForm<T>(request: IncomingMessage, take: TakeFile<T>): Promise<T> {
  const boundary = boundaryOf(request.headers['content-type']);
  const limits = { files: 1, fields: FIELDS, fieldSize: FIELD_BYTES, parts: FIELDS + 1 };
  const parser = busboy({ headers: { 'content-type': `multipart/form-data; boundary="${boundary}"` }, limits });
  const fields: Record<string, string> = {};
  let taken: Promise<T> | undefined;
  let refusal: unknown;
  const refuse = (error: unknown): void => {
    refusal ??= error;
    parser.destroy(error instanceof Error ? error : new Error(String(error)));
  };
  parser.on('field', (name, value) => {
    if (!taken && !Object.hasOwn(fields, name)) Object.defineProperty(fields, name, { value, enumerable: true });
  });
  parser.on('file', (_, stream, { filename }) => {
    // The file ends with an error of its own when the form is cut; `take` fails with it then, which is no refusal of `take`'s.
    let cut = false;
    stream.on('error', () => (cut = true));
    taken = take(fields, stream, filename ?? 'file');
    taken.catch((error: unknown) => cut || refuse(error));
  });
  try {
    await flow(request, new MultipartHead(boundary), parser);
  } catch (error) {
    await taken?.catch(() => undefined);
    linger(request);
    throw refusal ?? (isFailure(error) ? error : bad('The form is malformed or was cut.', error));
  }
  if (!taken) throw bad('The form has no file. It has to stand last, in a part named file.');
  return taken;
}

/** Pipes without `pipeline`, which would destroy the request on failure and its connection with it: no answer could be sent. */
function flow(request: IncomingMessage, head: MultipartHead, parser: Writable): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      request.unpipe(head);
      head.destroy();
      parser.destroy(error);
      reject(error);
    };
    request.setTimeout(STALL_MS, () => fail(bad('The upload stood still for too long.')));
    parser.once('close', () => request.setTimeout(0));
    request.on('error', fail).once('close', () => {
      if (!request.complete) fail(new Error('the connection was cut'));
    });
    // Not once: busboy reports a malformed part and is destroyed with the same error after that.
    head.on('error', fail);
    parser.on('error', fail).once('close', resolve);
    request.pipe(head).pipe(parser);
  });
}
