import { faultPoint } from '@millrace/config';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { type BlobStore, receiveFile, type Received } from '@millrace/blob-store';
import { Failure, isFailure } from '@millrace/failures';
import type { JobCommands, Resources, TaskRow, UploadTicket } from '@millrace/job-store';
import { verifyTicket } from '@millrace/signing';
import { readForm } from './form';

export interface UploadSettings {
  readonly urlSecret: string;
  /** Bytes of one file, at most. */
  readonly maxUploadBytes: number;
}

/** What became of an upload. */
export interface Uploaded extends Received {
  readonly task: string;
  readonly redirect?: string;
}

/** An append of unknown outcome is repeated so often before the file is left to the sweeper. */
const APPEND_TRIES = 3;

/** Takes the files of `import/upload` forms. Whoever holds the form's signature may send one file to its task, once. */
export class UploadDesk {
  constructor(
    private readonly blobs: BlobStore,
    private readonly commands: Pick<JobCommands, 'uploaded'>,
    private readonly resources: Pick<Resources, 'signedTask'>,
    private readonly settings: UploadSettings,
  ) {}

  /**
   * Reads the form and ends the task with its file. Throws FORBIDDEN for a form that was not signed, GONE after its time, NOT_FOUND for a task that
   * was deleted, CONFLICT when it has its file already, PAYLOAD_TOO_LARGE, INVALID_DATA for a malformed or cut form. Then no blob is left.
   */
  async take(request: IncomingMessage): Promise<Uploaded> {
    let task: TaskRow | undefined;
    let ticket: UploadTicket | undefined;
    const received = await readForm(request, async (fields, file, filename) => {
      try {
        ticket = this.ticketOf(fields);
        task = await this.waiting(ticket.task);
      } catch (error) {
        file.resume();
        throw error;
      }
      return this.store(task.id, file, filename);
    });
    await this.append(task!, received);
    return { ...received, task: task!.id, ...(ticket!.redirect !== undefined && { redirect: ticket!.redirect }) };
  }

  private ticketOf(fields: Readonly<Record<string, string>>): UploadTicket {
    const signature = fields['X-Amz-Signature'];
    if (!signature) throw new Failure('FORBIDDEN', 'The form is not signed. Its fields have to stand before the file.');
    const ticket = verifyTicket<UploadTicket>(this.settings.urlSecret, signature, new Date());
    if (fields['key'] !== undefined && !fields['key'].startsWith(`${ticket.task}/`)) throw new Failure('FORBIDDEN', 'The key of the form is not the one that was signed.');
    return ticket;
  }

  /** Looks before the file is read; the append decides. */
  private async waiting(id: string): Promise<TaskRow> {
    const task = await this.resources.signedTask(id);
    if (!task) throw new Failure('NOT_FOUND', 'The task was not found.');
    if (task.phase === 'finished') throw new Failure('CONFLICT', 'The file was uploaded already.');
    if (task.phase !== 'uploading') throw new Failure('GONE', 'The task does not wait for a file any more.');
    return task;
  }

  private async store(task: string, file: Readable, filename: string): Promise<Received> {
    try {
      return await receiveFile(this.blobs, task, file, filename, this.settings.maxUploadBytes);
    } catch (error) {
      if (!isFailure(error) || error.code !== 'LIMIT_EXCEEDED') throw error;
      throw new Failure('PAYLOAD_TOO_LARGE', `The file is larger than ${this.settings.maxUploadBytes} bytes.`, { cause: error });
    }
  }

  private async append(task: TaskRow, { run, file }: Received): Promise<void> {
    faultPoint('upload-stored');
    for (let tries = 1; ; tries += 1) {
      try {
        await this.commands.uploaded(task.stream, task.id, run, [file]);
        return;
      } catch (error) {
        // Only a refusal proves that the log does not name the file.
        if (isFailure(error) && error.class === 'request') {
          await this.blobs.remove(file.blob);
          throw error;
        }
        if (tries === APPEND_TRIES) throw error;
      }
    }
  }
}
