import type { OutgoingHttpHeaders } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Anybody } from '@millrace/access';
import type { BlobStore } from '@millrace/blob-store';
import { contentDisposition } from '@millrace/file-types';
import { STORAGE_PATH } from '@millrace/job-store';
import { matches, parseRange, type Range } from './byte-range';
import type { Download } from './download';
import { DownloadDesk, type Granted } from './download-desk';
import { storedFile } from './stored-file';
import { BLOBS } from './tokens';
import { zipOfFiles } from './zip-of-files';

/** Text is sent as UTF-8, which is what engines write and most customers have. */
const typeOf = (mime: string): string => (/^text\/[^;]+$/.test(mime) ? `${mime}; charset=utf-8` : mime);

function headersOf({ name, mime, etag }: Download, disposition: Granted['disposition']): Record<string, string> {
  return {
    'Content-Type': typeOf(mime),
    'Content-Disposition': contentDisposition(disposition, name),
    'Accept-Ranges': 'bytes',
    ETag: etag,
    'Cache-Control': 'private, max-age=0',
    // A customer's HTML or SVG is opened on this origin: it may run nothing and reach nothing.
    'Content-Security-Policy': 'sandbox',
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
  };
}

@Controller()
@Anybody()
export class DownloadsController {
  constructor(
    private readonly desk: DownloadDesk,
    @Inject(BLOBS) private readonly blobs: BlobStore,
  ) {}

  /** A file, or several in a zip, behind a signed URL; GET and HEAD, single ranges, conditional by ETag. Never redirects. */
  @Get(`${STORAGE_PATH}/:task/:blob/:name`)
  async download(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const granted = await this.desk.find(request.raw.url!);
    const download = 'file' in granted ? await storedFile(this.blobs, granted.file) : await zipOfFiles(this.blobs, granted.archive, granted.endedAt);
    const { size, etag } = download;
    const headers = { ...(reply.getHeaders() as OutgoingHttpHeaders), ...headersOf(download, granted.disposition) };
    if (matches(request.headers['if-none-match'], etag)) return this.end(reply, 304, headers);
    const wanted = request.headers['if-range'] === undefined || request.headers['if-range'] === etag ? request.headers.range : undefined;
    const range = parseRange(wanted, size);
    if (range === 'none') return this.end(reply, 416, { ...headers, 'Content-Range': `bytes */${size}`, 'Content-Length': '0' });
    const part: Range | undefined = range === 'whole' ? undefined : range;
    const length = part ? part.end - part.start + 1 : size;
    const all = { ...headers, 'Content-Length': String(length), ...(part && { 'Content-Range': `bytes ${part.start}-${part.end}/${size}` }) };
    if (request.raw.method === 'HEAD') return this.end(reply, part ? 206 : 200, all);
    const stream = await download.open(part);
    reply.hijack();
    reply.raw.writeHead(part ? 206 : 200, all);
    await pipeline(stream, reply.raw).catch((error: unknown) => {
      // The client went away: nobody is left to be told. A file that breaks off cuts the connection, which tells the client.
      request.log.debug({ err: error }, 'A download was not finished');
    });
  }

  private end(reply: FastifyReply, status: number, headers: OutgoingHttpHeaders): void {
    reply.hijack();
    reply.raw.writeHead(status, headers);
    reply.raw.end();
  }
}
