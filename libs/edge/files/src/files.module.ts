import { type DynamicModule, Module } from '@nestjs/common';
import type { Stores } from '@millrace/access';
import { DownloadDesk } from './download-desk';
import { DownloadsController } from './downloads.controller';
import { BLOBS } from './tokens';
import { UploadDesk, type UploadSettings } from './upload-desk';
import { UploadsController } from './uploads.controller';

/** Upload forms and signed downloads, under `/storage`. */
@Module({})
export class FilesModule {
  static register({ stores, settings }: { stores: Pick<Stores, 'blobs' | 'commands' | 'jobs'>; settings: UploadSettings }): DynamicModule {
    const { blobs, commands, jobs } = stores;
    return {
      module: FilesModule,
      controllers: [UploadsController, DownloadsController],
      providers: [
        { provide: BLOBS, useValue: blobs },
        { provide: UploadDesk, useValue: new UploadDesk(blobs, commands, jobs.resources, settings) },
        { provide: DownloadDesk, useValue: new DownloadDesk(jobs.resources, settings.urlSecret) },
      ],
    };
  }
}
