import { chown, copyFile, lstat, mkdir, readdir, readlink, symlink } from 'node:fs/promises';
import path from 'node:path';

export interface CopyOptions {
  /** Whether to leave out what lies at this path below the source; a folder that is left out is not looked into. */
  readonly skip?: (relative: string) => boolean;
  /** Owner of every copy; default whoever copies. */
  readonly uid?: number;
}

const missing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

/**
 * Copies a folder with its modes while others change it: what vanishes before it was copied is left out.
 * @throws Error of the file system for everything else.
 */
export async function copyTree(from: string, to: string, { skip = () => false, uid }: CopyOptions = {}): Promise<void> {
  const own = async (file: string): Promise<void> => void (uid !== undefined && (await chown(file, uid, uid)));
  const copy = async (relative: string): Promise<void> => {
    const [source, target] = [path.join(from, relative), path.join(to, relative)];
    const found = await lstat(source);
    if (found.isDirectory()) {
      await mkdir(target, { recursive: true, mode: found.mode & 0o777 });
      await own(target);
      for (const name of await readdir(source)) await copyUnlessGone(path.join(relative, name));
    } else if (found.isSymbolicLink()) {
      await symlink(await readlink(source), target);
    } else if (found.isFile()) {
      await copyFile(source, target);
      await own(target);
    }
  };
  const copyUnlessGone = async (relative: string): Promise<void> => {
    if (skip(relative)) return;
    await copy(relative).catch((error: unknown) => {
      if (!missing(error)) throw error;
    });
  };
  await copy('');
}
