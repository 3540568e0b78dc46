import { randomBytes } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import { ApiError } from './api-error';

/** The form of an upload task. */
export interface Form {
  readonly url: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** RFC 7578 with the escapes of WHATWG's form encoding. */
const quoted = (name: string): string => name.replace(/\r/g, '%0D').replace(/\n/g, '%0A').replace(/"/g, '%22');

/** What stands before the file's bytes: every parameter in its order. */
function head({ parameters }: Form, filename: string, boundary: string): Buffer {
  const fields = Object.entries(parameters).map(([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"\r\n\r\n${value}\r\n`);
  return Buffer.from(`${fields.join('')}--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${quoted(filename)}"\r\nContent-Type: application/octet-stream\r\n\r\n`);
}

/** Streams `file` into the form, the file last. Throws ApiError unless it is answered with 201. */
export async function sendFile(form: Form, file: string, sent: (bytes: number) => void): Promise<void> {
  const boundary = `millrace${randomBytes(16).toString('hex')}`;
  const before = head(form, path.basename(file), boundary);
  const after = Buffer.from(`\r\n--${boundary}--\r\n`);
  const size = statSync(file).size;
  const send = form.url.startsWith('https:') ? httpsRequest : httpRequest;
  const request = send(form.url, { method: 'POST', headers: { 'content-type': `multipart/form-data; boundary=${boundary}`, 'content-length': before.length + size + after.length } });
  const answered = new Promise<{ status: number; body: string }>((resolve, reject) => {
    request.once('error', reject);
    request.once('response', (response) => text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject));
  });
  let bytes = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _, done) {
      sent((bytes += chunk.length));
      done(null, chunk);
    },
  });
  request.write(before);
  const writing = pipeline(createReadStream(file), counted, request, { end: false }).then(() => request.end(after));
  // A refusal may come while the file is still being sent; it says more than the broken pipe does.
  const [answer, written] = await Promise.allSettled([answered, writing]);
  if (answer.status === 'rejected') throw answer.reason;
  if (answer.value.status !== 201) throw new ApiError(`The upload of ${path.basename(file)} answered ${answer.value.status}: ${answer.value.body.slice(0, 500)}`);
  if (written.status === 'rejected') throw written.reason;
}
