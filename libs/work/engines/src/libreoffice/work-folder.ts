import { constants } from 'node:fs';
import { copyFile, cp, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cleanFilename } from '@millrace/file-types';
import { REGISTRY } from './settings';

/** The folders of a worker, as the driver expects them. */
const FOLDERS = ['profile', 'home', 'tmp', 'in', 'out'];
/** Where the jail shows a work folder: no path of the host gets into a document's fields. */
const JAIL_ROOT = '/work';

/** The one folder that a worker may write to. */
export class WorkFolder {
  private constructor(
    /** On the host. */
    readonly root: string,
    /** As the worker sees it. */
    readonly seen: string,
  ) {}

  /** @param template the folder of a worker that has ended, whose profile is taken over; a fresh hardened profile without it. */
  static async make(root: string, jailed: boolean, template?: string): Promise<WorkFolder> {
    for (const name of FOLDERS) await mkdir(path.join(root, name), { recursive: true, mode: 0o700 });
    if (template) {
      for (const name of ['profile', 'home']) await cp(path.join(template, name), path.join(root, name), { recursive: true });
    } else {
      await mkdir(path.join(root, 'profile/user'));
      await writeFile(path.join(root, 'profile/user/registrymodifications.xcu'), REGISTRY);
    }
    return new WorkFolder(root, jailed ? JAIL_ROOT : root);
  }

  /**
   * Copies `file` to where the worker reads it. Not a link: the worker may write to what lies here, and a link would be the blob itself.
   * @param name shown by fields and headers of a document, so it is the customer's.
   */
  async takeIn(file: string, name: string): Promise<string> {
    const clean = cleanFilename(name);
    await copyFile(file, path.join(this.root, 'in', clean), constants.COPYFILE_FICLONE);
    return path.posix.join(this.seen, 'in', clean);
  }

  /** Where the worker is to put an output. */
  outputFor(name: string): string {
    return path.posix.join(this.seen, 'out', name);
  }

  /** Moves an output of this name to `target`. */
  async moveOut(name: string, target: string): Promise<void> {
    const made = path.join(this.root, 'out', name);
    await rename(made, target).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EXDEV') throw error;
      await copyFile(made, target);
    });
  }

  /** Removes inputs and outputs; what LibreOffice left in its own folders is the driver's to wipe. */
  async wipe(): Promise<void> {
    for (const name of ['in', 'out']) {
      const folder = path.join(this.root, name);
      for (const entry of await readdir(folder)) await rm(path.join(folder, entry), { recursive: true, force: true });
    }
  }

  async remove(): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }
}
