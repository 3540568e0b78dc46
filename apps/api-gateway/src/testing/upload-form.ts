import { request } from 'node:http';

export interface Form {
  readonly url: string;
  readonly parameters: Readonly<Record<string, string>>;
}

export interface UploadAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly rawHeaders: readonly string[];
  readonly text: string;
}

/** How a client writes a form. */
export interface FormStyle {
  readonly boundary?: string;
  readonly quoteBoundary?: boolean;
  /** The header line of the file part; default: as browsers write it. */
  readonly fileHeader?: string;
  readonly filename?: string;
}

/** The bytes of a form before and behind the file, written by hand: no library writes what old clients do. */
export function formBytes(parameters: Readonly<Record<string, string>>, style: FormStyle = {}): { head: Buffer; tail: Buffer; contentType: string } {
  const { boundary = '----------abc123', quoteBoundary = false, filename = 'in.png' } = style;
  const fields = Object.entries(parameters).map(([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
  const header = style.fileHeader ?? `Content-Disposition: form-data; name="file"; filename="${filename}"\r\nContent-Type: image/png`;
  return {
    head: Buffer.from(`${fields.join('')}--${boundary}\r\n${header}\r\n\r\n`),
    tail: Buffer.from(`\r\n--${boundary}--\r\n`),
    contentType: `multipart/form-data; boundary=${quoteBoundary ? `"${boundary}"` : boundary}`,
  };
}

/** Sends a form to the gateway at `base`, whatever host the form names. */
export function sendForm(base: string, form: Form, file: Buffer, style: FormStyle = {}): Promise<UploadAnswer> {
  const { head, tail, contentType } = formBytes(form.parameters, style);
  const body = Buffer.concat([head, file, tail]);
  return new Promise((resolve, reject) => {
    const sent = request(base + new URL(form.url).pathname, { method: 'POST', headers: { 'content-type': contentType, 'content-length': body.length } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, rawHeaders: response.rawHeaders, text }));
    });
    sent.on('error', reject).end(body);
  });
}
