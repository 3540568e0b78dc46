import { createHash, randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { createTestDatabase, type TestDatabase } from '@millrace/testing';
import { PNG } from './testing/png';
import { type RunningGateway, startGateway } from './testing/running-gateway';
import { type Form, formBytes, sendForm } from './testing/upload-form';

let database: TestDatabase;
let gateway: RunningGateway;
beforeAll(async () => {
  database = await createTestDatabase();
  gateway = await startGateway(database.url, { MAX_UPLOAD_BYTES: '1MB' });
}, 60_000);
afterAll(async () => {
  await gateway.stop();
  await database.drop();
});

const newUpload = async (body: object = {}): Promise<{ id: string; form: Form }> => {
  const { data } = (await gateway.call('POST', '/v2/import/upload', body)).json;
  return { id: data.id, form: data.result.form };
};
const taskOf = async (id: string) => (await gateway.call('GET', `/v2/tasks/${id}`)).json.data;
const blobsOf = (id: string): Promise<string[]> => readdir(path.join(gateway.blobDir, 'blobs', id)).catch(() => []);
const abandoned = (): Promise<string[]> => readdir(path.join(gateway.blobDir, '.tmp')).catch(() => []);
const md5 = (bytes: Buffer): string => createHash('md5').update(bytes).digest('hex');

describe('upload form', () => {
  it('has the fields of a storage policy, all strings, the same at each read', async () => {
    const { id, form } = await newUpload();
    expect(form.url).toBe('http://files.test/storage/tasks');
    expect(Object.keys(form.parameters)).toEqual(['acl', 'key', 'success_action_status', 'X-Amz-Credential', 'X-Amz-Algorithm', 'X-Amz-Date', 'Policy', 'X-Amz-Signature']);
    expect(form.parameters).toMatchObject({ acl: 'private', key: `${id}/\${filename}`, success_action_status: '201', 'X-Amz-Algorithm': 'AWS4-HMAC-SHA256' });
    expect(Object.values(form.parameters).every((value) => typeof value === 'string')).toBe(true);
    const shown = await taskOf(id);
    expect(shown).toMatchObject({ status: 'waiting', message: 'Waiting for file upload' });
    expect(shown.result.form).toEqual(form);
  });

  it('ends its task with the file, 201 and the XML of S3', async () => {
    const { id, form } = await newUpload();
    const answer = await sendForm(gateway.url, form, PNG);
    expect(answer.status).toBe(201);
    expect(answer.headers).toMatchObject({ 'content-type': 'application/xml', etag: `"${md5(PNG)}"`, location: expect.stringContaining(id) });
    expect(answer.rawHeaders).toEqual(expect.arrayContaining(['Location', 'ETag', 'Content-Type']));
    expect(answer.text).toContain(`<Key>${id}/in.png</Key><ETag>&quot;${md5(PNG)}&quot;</ETag>`);
    const shown = await taskOf(id);
    expect([shown.status, shown.result]).toEqual(['finished', { files: [{ filename: 'in.png', size: PNG.length }] }]);
  });

  it.each([
    ['node: lower case, no spaces, unquoted name', { fileHeader: 'content-disposition:form-data;name="file";filename=my file.png\r\ncontent-type:image/png', boundary: '----------a1b2c3' }, 'my file.png'],
    ['.NET: unquoted names and both file names', { fileHeader: "Content-Disposition: form-data; name=file; filename=input.pdf; filename*=utf-8''n%C3%A4me.pdf" }, 'näme.pdf'],
    ['PHP: quoted boundary', { quoteBoundary: true }, 'in.png'],
    ['UTF-8 bytes', { filename: 'naïve 東京.png' }, 'naïve 東京.png'],
    ['escaped quotes', { filename: 'a\\"b.png' }, 'a"b.png'],
    ['a path', { filename: 'C:\\temp\\x.png' }, 'x.png'],
    ['a path that climbs', { filename: '../../../etc/passwd' }, 'passwd'],
    ['a semicolon', { fileHeader: 'content-disposition:form-data;name="file";filename=a;b.png' }, 'a;b.png'],
    ['a file without a name', { fileHeader: 'Content-Disposition: form-data; name="file"\r\nContent-Type: application/octet-stream' }, 'file'],
  ])('is read as clients write it: %s', async (_, style, filename) => {
    const { id, form } = await newUpload();
    expect((await sendForm(gateway.url, form, PNG, style)).status).toBe(201);
    expect((await taskOf(id)).result.files).toEqual([{ filename, size: PNG.length }]);
  });

  it('sends the browser on where the task says', async () => {
    const { form } = await newUpload({ redirect: 'https://app.test/done?a=b' });
    expect(form.parameters).toMatchObject({ success_action_redirect: 'https://app.test/done?a=b' });
    const answer = await sendForm(gateway.url, { ...form, parameters: { ...form.parameters, success_action_redirect: 'https://evil.test' } }, PNG);
    expect([answer.status, answer.headers.location]).toEqual([303, 'https://app.test/done?a=b']);
  });

  it('takes one file: a second one is refused and leaves the first as it is', async () => {
    const { id, form } = await newUpload();
    const answers = await Promise.all([sendForm(gateway.url, form, PNG), sendForm(gateway.url, form, Buffer.from('other'), { filename: 'o.txt' })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    const { files } = (await taskOf(id)).result;
    const late = await sendForm(gateway.url, form, Buffer.alloc(900_000));
    expect([late.status, JSON.parse(late.text).code]).toEqual([409, 'CONFLICT']);
    expect((await taskOf(id)).result.files).toEqual(files);
    expect(await blobsOf(id)).toHaveLength(1);
  });

  it('refuses other signatures, keys, cancelled and deleted tasks, and a file above the limit', async () => {
    const { id, form } = await newUpload();
    const other = await newUpload();
    const change = (parameters: Record<string, string>) => sendForm(gateway.url, { ...form, parameters: { ...form.parameters, ...parameters } }, PNG);
    expect((await change({ 'X-Amz-Signature': `${form.parameters['X-Amz-Signature']!.slice(0, -2)}AA` })).status).toBe(403);
    expect((await change({ key: `${other.id}/\${filename}` })).status).toBe(403);
    expect((await sendForm(gateway.url, { ...form, parameters: {} }, PNG)).status).toBe(403);
    expect((await sendForm(gateway.url, form, Buffer.alloc(1_100_000))).status).toBe(413);
    expect((await taskOf(id)).status).toBe('waiting');
    const expired = gateway.stores.links.uploadForm(id, '2020-01-01T00:00:00Z', {});
    expect((await sendForm(gateway.url, expired, PNG)).status).toBe(410);
    await gateway.call('POST', `/v2/tasks/${id}/cancel`);
    expect((await sendForm(gateway.url, form, PNG)).status).toBe(410);
    await gateway.call('DELETE', `/v2/tasks/${id}`);
    expect((await sendForm(gateway.url, form, PNG)).status).toBe(404);
    expect(await blobsOf(id)).toEqual([]);
  });

  it('leaves nothing of an upload that was cut, and the task waits on', async () => {
    const { id, form } = await newUpload();
    const { head, contentType } = formBytes(form.parameters);
    await new Promise<void>((resolve, reject) => {
      const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
      socket.on('error', reject).on('close', () => resolve());
      socket.write(`POST /storage/tasks HTTP/1.1\r\nHost: x\r\nContent-Type: ${contentType}\r\nContent-Length: 600000\r\n\r\n`);
      socket.write(head);
      socket.write(Buffer.alloc(300_000), () => socket.destroySoon());
    });
    for (const deadline = Date.now() + 5_000; (await abandoned()).length > 0 && Date.now() < deadline; ) await new Promise(setImmediate);
    expect(await abandoned()).toEqual([]);
    expect(await blobsOf(id)).toEqual([]);
    expect((await taskOf(id)).status).toBe('waiting');
    expect((await sendForm(gateway.url, form, PNG)).status).toBe(201);
  });

  it.each([
    ['no form', 'text/plain', 'x'],
    ['no boundary', 'multipart/form-data', 'x'],
    ['no parts', 'multipart/form-data; boundary=b', 'x'],
    ['no file', 'multipart/form-data; boundary=b', '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--b--\r\n'],
    ['an endless head', 'multipart/form-data; boundary=b', `--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n${'x'.repeat(200_000)}`],
    ['a malformed header', 'multipart/form-data; boundary=b', '--b\r\n\u0001: x\r\nContent-Disposition: form-data; name="file"; filename=x\r\n\r\nx\r\n--b--\r\n'],
  ])('answers malformed forms with 4xx JSON: %s', async (_, contentType, raw) => {
    const answer = await gateway.call('POST', '/storage/tasks', undefined, { key: null, raw, headers: { 'Content-Type': contentType } });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(answer.json).toMatchObject({ code: expect.any(String), message: expect.any(String) });
  });
});

describe('download', () => {
  const signed = (...file: Parameters<typeof gateway.stores.links.download>): string => gateway.stores.links.download(...file).slice('http://files.test'.length);
  const text = Buffer.from('0123456789');

  /** An imported file, and a signed path to it as an export would show it. */
  async function stored(filename = 'f é.html', inline = false): Promise<{ id: string; at: string }> {
    const { id } = (await gateway.call('POST', '/v2/import/raw', { file: text.toString(), filename })).json.data;
    const [run] = await blobsOf(id);
    return { id, at: signed(id, { blob: `${id}/${run}/${filename}`, name: filename }, inline, new Date().toISOString()) };
  }
  const get = (at: string, headers: Record<string, string> = {}, method = 'GET') => gateway.call(method, at, undefined, { key: null, headers });

  it('gives the file at once, as an attachment that runs nothing', async () => {
    const { at } = await stored();
    const answer = await get(at);
    expect([answer.status, answer.text]).toEqual([200, text.toString()]);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-length': '10',
      'content-disposition': `attachment; filename="f _.html"; filename*=UTF-8''f%20%C3%A9.html`,
      'accept-ranges': 'bytes',
      etag: `"${md5(text)}"`,
      'content-security-policy': 'sandbox',
      'x-content-type-options': 'nosniff',
    });
    const head = await get(at, {}, 'HEAD');
    expect([head.status, head.text, head.headers.get('content-length')]).toEqual([200, '', '10']);
    expect((await get((await stored('a.png', true)).at)).headers.get('content-disposition')).toBe('inline; filename="a.png"');
  });

  it.each([
    ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
    ['bytes=-3', 206, '789', 'bytes 7-9/10'],
    ['bytes=8-', 206, '89', 'bytes 8-9/10'],
    ['bytes=5-900', 206, '56789', 'bytes 5-9/10'],
    ['bytes=10-', 416, '', 'bytes */10'],
    ['bytes=0-1,3-4', 200, '0123456789', null],
    ['bytes=4-2', 200, '0123456789', null],
    ['lines=1-2', 200, '0123456789', null],
  ])('answers the range %s', async (range, status, body, contentRange) => {
    const { at } = await stored();
    const answer = await get(at, { Range: range });
    expect([answer.status, answer.text, answer.headers.get('content-range')]).toEqual([status, body, contentRange]);
  });

  it('answers conditions by the ETag', async () => {
    const { at } = await stored();
    const etag = `"${md5(text)}"`;
    expect((await get(at, { 'If-None-Match': `"x", W/${etag}` })).status).toBe(304);
    expect((await get(at, { Range: 'bytes=0-1', 'If-Range': etag })).status).toBe(206);
    expect((await get(at, { Range: 'bytes=0-1', 'If-Range': '"other"' })).status).toBe(200);
  });

  it('dies with its task, and cannot be forged', async () => {
    const { id, at } = await stored();
    for (const forged of [at.replace('attachment', 'inline'), `${at}&x=y`, at.replace(id, randomUUID()), at.replace(/sig=.*/, 'sig='), at.split('?')[0]!]) {
      expect([403, 404]).toContain((await get(forged)).status);
    }
    const old = signed(id, { blob: 'x', name: 'x' }, false, '2020-01-01T00:00:00Z');
    expect((await get(old)).status).toBe(410);
    await gateway.call('DELETE', `/v2/tasks/${id}`);
    const gone = await get(at);
    expect([gone.status, gone.json.code]).toEqual([410, 'GONE']);
  });
});
