import { z } from 'zod';

/** A stored file as events, reports and claim answers name it. Sizes in bytes, digests in lower-case hex. */
export const fileRef = z.object({
  /** Key in the blob store: `<task>/<run>/<name>`. */
  blob: z.string().min(1).max(1024),
  /** The name shown to the customer. */
  name: z.string().min(1).max(255),
  size: z.int().nonnegative(),
  md5: z.string().optional(),
  sha256: z.string().optional(),
  /** Extension by content ("png"), when the content told it. */
  type: z.string().optional(),
  mime: z.string().optional(),
});
export type FileRef = z.infer<typeof fileRef>;

/** At most so many files stand in one FilesStored or InputResolved event, so that no event outgrows 64 KB. */
export const FILES_PER_EVENT = 100;
/** More files than this travel as a manifest blob instead of inside a bus message (NATS payloads end at 1 MB). */
export const FILES_PER_MESSAGE = 500;
