import { existsSync } from 'node:fs';
import path from 'node:path';
import { Failure } from '@millrace/failures';
import type { Bind, Sandbox } from '@millrace/sandbox';

const PROGRAM_FOLDERS = ['/usr/lib/libreoffice/program', '/usr/lib64/libreoffice/program'];
/** The interpreter that the distribution's UNO bridge is built for; another python3 may come first on PATH. */
const PYTHON = '/usr/bin/python3';
const PROBE_LIMITS = { wallMs: 30_000, outputBytes: 1024, openFiles: 256, processes: 32, memoryBytes: 512 * 1024 ** 2 };

/** A LibreOffice that was found to work with its UNO bridge. */
export interface Installation {
  readonly version: string;
  readonly python: string;
  /** The folder of soffice.bin. */
  readonly program: string;
  /** What it needs beside /usr; its configuration is linked into /etc by Debian, and without the font cache it reads each font at its start. */
  readonly ro: readonly Bind[];
}

const unavailable = (what: string, cause?: unknown) =>
  new Failure('ENGINE_UNAVAILABLE', `The engine libreoffice does not run here: ${what}`, { cause });

/**
 * Finds LibreOffice and proves that its bridge loads.
 * @throws Failure ENGINE_UNAVAILABLE naming what to install.
 */
export async function findInstallation(sandbox: Sandbox): Promise<Installation> {
  const program = PROGRAM_FOLDERS.find((folder) => existsSync(path.join(folder, 'soffice.bin')));
  if (!program) throw unavailable('install libreoffice-writer-nogui, libreoffice-calc-nogui, libreoffice-impress-nogui and libreoffice-draw-nogui');
  const ro = ['/etc/libreoffice', '/var/cache/fontconfig'].filter((folder) => existsSync(folder)).map((from) => ({ from }));
  const run = (...argv: string[]) => sandbox.run({ argv, ro, rw: [], limits: PROBE_LIMITS });
  const [bridge, office] = await Promise.all([
    run(PYTHON, '-E', '-s', '-B', '-c', 'import uno; uno.getComponentContext()'),
    run(path.join(program, 'soffice.bin'), '--version', '-env:UserInstallation=file:///tmp/profile'),
  ]);
  if (bridge.exitCode !== 0) throw unavailable('install python3-uno', new Error(bridge.stderr));
  const version = /^LibreOffice (\d+(?:\.\d+)+)/m.exec(office.stdout)?.[1];
  if (version === undefined) throw unavailable('soffice.bin does not tell its version', new Error(office.stderr));
  return { version, python: PYTHON, program, ro };
}
