import type { FileRef } from '@millrace/contracts';
import { Failure } from '@millrace/failures';
import { ARCHIVE_ID, blobId, type Resources, STORAGE_PATH } from '@millrace/job-store';
import { verifySignedUrl } from '@millrace/signing';

/** What a signed URL grants: one file, or all of a task in one zip; and how it is shown. */
export type Granted = { readonly disposition: 'attachment' | 'inline' } & ({ readonly file: FileRef } | { readonly archive: readonly FileRef[]; readonly endedAt: Date });

/** Finds what a download URL stands for. */
export class DownloadDesk {
  constructor(
    private readonly resources: Pick<Resources, 'signedTask'>,
    private readonly urlSecret: string,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /** Throws FORBIDDEN for a URL that was not signed, GONE for an expired one and for a file whose task is gone. `rawUrl` as it came. */
  async find(rawUrl: string): Promise<Granted> {
    const params = verifySignedUrl(this.urlSecret, 'GET', rawUrl, this.now());
    const disposition = params['disposition'] === 'inline' ? 'inline' : 'attachment';
    const [task = '', blob] = rawUrl.slice(STORAGE_PATH.length + 1).split('/');
    const row = await this.resources.signedTask(task);
    const files = row?.view.files ?? [];
    if (row && blob === ARCHIVE_ID && files.length > 0) return { archive: files, endedAt: new Date(row.ended_at!), disposition };
    const file = files.find((candidate) => blobId(candidate.blob) === blob);
    if (!file) throw new Failure('GONE', 'The file is no longer stored.');
    return { file, disposition };
  }
}
