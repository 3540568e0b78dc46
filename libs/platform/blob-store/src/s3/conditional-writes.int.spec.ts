import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { Secret } from '@millrace/config';
import type { BlobStore } from '../blob-store';
import { createS3BlobStore } from './s3-blob-store';

/** Answers what a server of S3 would at one moment: a script, for moments that no server can be brought to on purpose. */
class ScriptedServer {
  readonly seen: string[] = [];
  readonly objects = new Map<string, { body: Buffer; headers: Record<string, string> }>();
  /** Called when a head is about to be written. */
  beforeHead: () => void = () => undefined;
  cutBodies = false;
  private readonly server = createServer((request, response) => void this.answer(request, response));

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const name = decodeURIComponent(new URL(request.url ?? '', 'http://s3').pathname).replace(/^\/files\/?/, '');
    const body = await buffer(request);
    this.seen.push(`${request.method} ${name.replace(/[0-9a-f-]{36}$/, '<id>')}${request.headers['if-none-match'] ? ' if none match' : ''}`);
    const end = (status: number, headers: Record<string, string> = {}, text: Buffer | string = ''): void => void response.writeHead(status, headers).end(request.method === 'HEAD' ? undefined : text);
    if (name === '') return end(200, {}, '<ListMultipartUploadsResult/>');
    if (request.method === 'PUT') {
      if (name.startsWith('blobs/')) this.beforeHead();
      if (request.headers['if-none-match'] && this.objects.has(name)) return end(412, {}, '<Error><Code>PreconditionFailed</Code></Error>');
      const kept = Object.entries(request.headers).filter(([header]) => header.startsWith('x-amz-meta-')) as [string, string][];
      this.objects.set(name, { body, headers: Object.fromEntries(kept) });
      return end(200, { etag: '"e"' });
    }
    if (request.method === 'DELETE') return (this.objects.delete(name), end(204));
    const found = this.objects.get(name);
    if (!found) return end(404);
    const headers = { ...found.headers, 'last-modified': new Date().toUTCString(), 'content-length': String(found.body.length) };
    if (!this.cutBodies || request.method === 'HEAD') return end(200, headers, found.body);
    response.writeHead(200, headers).write(found.body.subarray(0, 3), () => response.destroy());
  }
}

let server: ScriptedServer;
let store: BlobStore;

beforeEach(async () => {
  server = new ScriptedServer();
  const credentials = { accessKeyId: 'a', secretAccessKey: new Secret('b') };
  store = createS3BlobStore({ endpoint: await server.start(), region: 'r', bucket: 'files', prefix: '', credentials, forcePathStyle: true, checksums: 'when_required' }, { inlineBytes: 4 });
});
afterEach(() => server.stop());

const theirs = { body: Buffer.from('them'), headers: { 'x-amz-meta-md5': 'theirs', 'x-amz-meta-sha256': 'theirs' } };

it('a head is written only where there is none; bytes before it', async () => {
  await store.put('t/r/a', Readable.from([Buffer.from('large one')]));
  expect(server.seen).toEqual(['HEAD ', 'PUT data/t/r/a/<id>', 'HEAD blobs/t/r/a', 'PUT blobs/t/r/a if none match', 'HEAD blobs/t/r/a']);
});

it.each(['tiny', 'large one'])('another process was first by a moment: %s is given up and its writer told what is stored', async (text) => {
  server.beforeHead = () => server.objects.set('blobs/t/r/a', theirs);
  expect(await store.put('t/r/a', Readable.from([Buffer.from(text)]))).toMatchObject({ size: 4, sha256: 'theirs' });
  expect([...server.objects.keys()]).toEqual(['blobs/t/r/a']);
});

it('a download that is cut fails, as a failure of the storage, and is not taken for whole', async () => {
  await store.put('t/r/a', Readable.from([Buffer.from('large one')]));
  server.cutBodies = true;
  const { stream } = await store.open('t/r/a');
  await expect(buffer(stream)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryable: true });
});

it('an object that the store did not write is no blob', async () => {
  server.objects.set('blobs/t/r/a', { body: Buffer.from('x'), headers: {} });
  await expect(store.stat('t/r/a')).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
});
