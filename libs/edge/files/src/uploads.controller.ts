import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Anybody, FromHost, type RequestHost } from '@millrace/access';
import { pathSegment, STORAGE_PATH, UPLOAD_PATH } from '@millrace/job-store';
import { postResponse } from './post-response';
import { UploadDesk } from './upload-desk';

@Controller()
@Anybody()
export class UploadsController {
  constructor(private readonly desk: UploadDesk) {}

  /** The target of upload forms. 201 with S3's XML, or 303 to where the task's `redirect` says. */
  @Post(UPLOAD_PATH)
  @HttpCode(201)
  async upload(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @FromHost() { links }: RequestHost): Promise<void> {
    const { task, file, redirect } = await this.desk.take(request.raw);
    const etag = `"${file.md5}"`;
    const location = `${links.storageUrl}${STORAGE_PATH}/tasks/${task}/${pathSegment(file.name)}`;
    reply.header('ETag', etag);
    if (redirect !== undefined) return void (await reply.redirect(redirect, 303));
    await reply
      .code(201)
      .headers({ Location: location, 'Content-Type': 'application/xml' })
      .send(postResponse({ key: `${task}/${file.name}`, etag, location }));
  }
}
