import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Refusal } from '../up/invocation';

/** Name of the file that says what a backup holds. It is the last one written, so its folder is complete. */
export const MANIFEST = 'backup.json';

export interface Manifest {
  readonly takenAt: string;
  /** Of the last event of the log that is surely in it. */
  readonly position: number;
}

/** @throws Refusal when the folder is no complete backup. */
export function readManifest(folder: string): Manifest {
  const file = path.join(folder, MANIFEST);
  if (!existsSync(file)) throw new Refusal(`${folder} is no complete backup: it has no ${MANIFEST}.`);
  return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
}
