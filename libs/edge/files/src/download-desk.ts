import type { FileRef } from '@millrace/contracts';
import { Failure } from '@millrace/failures';
import { blobId, type Resources, STORAGE_PATH } from '@millrace/job-store';
import { verifySignedUrl } from '@millrace/signing';

/** A file that a signed URL grants, and how it is shown. */
export interface Granted {
  readonly file: FileRef;
  readonly disposition: 'attachment' | 'inline';
}

/** Finds what a download URL stands for. */
export class DownloadDesk {
  constructor(
    private readonly resources: Pick<Resources, 'signedTask'>,
    private readonly urlSecret: string,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /** Throws FORBIDDEN for a URL that was not signed, GONE for an expired one and for a file whose task is gone. `rawUrl` as it came. */
  async find(rawUrl: string): Promise<Granted> {
    const { disposition } = verifySignedUrl(this.urlSecret, 'GET', rawUrl, this.now());
    const [task = '', blob] = rawUrl.slice(STORAGE_PATH.length + 1).split('/');
    const row = await this.resources.signedTask(task);
    const file = row?.view.files.find((candidate) => blobId(candidate.blob) === blob);
    if (!file) throw new Failure('GONE', 'The file is no longer stored.');
    return { file, disposition: disposition === 'inline' ? 'inline' : 'attachment' };
  }
}
