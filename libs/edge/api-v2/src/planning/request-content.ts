import { Readable } from 'node:stream';
import { type BlobStore, receiveFile } from '@millrace/blob-store';
import type { PlannedContent } from '@millrace/catalog';
import type { Creation } from '@millrace/job-store';

type TaskPlan = Creation['tasks'][number];

/** Characters decoded at once; a multiple of 4, so that base64 may be cut there. */
const SLICE = 256 * 1024;
/** Files written at once. */
const AT_ONCE = 4;

function* decoded({ encoding, data }: PlannedContent): Generator<Buffer> {
  if (encoding === 'utf8') return yield Buffer.from(data, 'utf8');
  for (let at = 0; at < data.length; at += SLICE) yield Buffer.from(data.slice(at, at + SLICE), 'base64');
}

/** Content of requests, on its way into the blob store: it never reaches the log. */
export class RequestContents {
  constructor(
    private readonly blobs: BlobStore,
    private readonly maxBytes: number,
  ) {}

  /** The tasks with their content stored. When one cannot be stored, none stays. */
  async store(tasks: readonly TaskPlan[], contents: ReadonlyMap<string, PlannedContent>): Promise<TaskPlan[]> {
    const done = new Map<string, TaskPlan>();
    const queue = tasks.filter((task) => contents.has(task.id));
    const worker = async (): Promise<void> => {
      for (let task = queue.pop(); task !== undefined; task = queue.pop()) {
        const content = contents.get(task.id)!;
        const { run, file } = await receiveFile(this.blobs, task.id, Readable.from(decoded(content)), content.filename, this.maxBytes);
        done.set(task.id, { ...task, content: { run, files: [file] } });
      }
    };
    const results = await Promise.allSettled(Array.from({ length: AT_ONCE }, worker));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) {
      await this.remove([...done.values()]);
      throw failed.reason;
    }
    return tasks.map((task) => done.get(task.id) ?? task);
  }

  /** Takes the content of tasks away that were refused. */
  async remove(tasks: readonly TaskPlan[]): Promise<void> {
    for (const { id, content } of tasks) {
      const own = content?.files.filter((file) => file.blob.startsWith(`${id}/`)) ?? [];
      for (const file of own) await this.blobs.remove(file.blob);
    }
  }
}
