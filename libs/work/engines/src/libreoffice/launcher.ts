import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '@millrace/failures';
import type { EngineDeps } from '../deps';
import type { Installation } from './installation';
import { OfficeProcess } from './office-process';
import { OfficeWorker, type Wear } from './office-worker';
import { WorkFolder } from './work-folder';

/** How long LibreOffice may take to load; a crowded machine needs many times the usual second. */
const START_MS = 120_000;

/** Starts workers, each with a copy of one hardened profile. */
export class Launcher {
  #root: Promise<string> | undefined;
  #template: Promise<string> | undefined;
  #count = 0;

  constructor(
    private readonly deps: EngineDeps,
    private readonly installation: Installation,
    private readonly wear: Wear,
  ) {}

  /** A worker that has loaded all and seen no document. */
  async launch(): Promise<OfficeWorker> {
    const template = await this.#made();
    const folder = await this.#folder(template);
    return new OfficeWorker(await this.#started(folder), folder, this.wear);
  }

  /** Removes all folders; the workers are gone. */
  async close(): Promise<void> {
    if (this.#root) await rm(await this.#root, { recursive: true, force: true });
  }

  /** The folder of a first worker, which LibreOffice has filled (and for which it restarts itself), closed in good order. */
  #made(): Promise<string> {
    this.#template ??= this.#makeTemplate().catch((error: unknown) => {
      this.#template = undefined;
      throw error;
    });
    return this.#template;
  }

  async #makeTemplate(): Promise<string> {
    const folder = await this.#folder();
    const first = await this.#started(folder);
    const { exitCode, stderr } = await first.finish();
    if (exitCode !== 0) throw new Failure('ENGINE_UNAVAILABLE', 'The profile of LibreOffice could not be made', { cause: new Error(stderr) });
    return folder.root;
  }

  async #folder(template?: string): Promise<WorkFolder> {
    this.#root ??= mkdtemp(path.join(this.deps.stateDir ?? os.tmpdir(), 'libreoffice-'));
    const number = (this.#count += 1);
    return WorkFolder.make(path.join(await this.#root, String(number)), this.deps.sandbox.mode === 'bwrap', template);
  }

  async #started(folder: WorkFolder): Promise<OfficeProcess> {
    const office = await OfficeProcess.start(this.deps.sandbox, this.installation, folder);
    const late = new AbortController();
    const told = await Promise.race([office.line(), delay(START_MS, undefined, { signal: late.signal, ref: false })]);
    late.abort();
    if (typeof told === 'string') {
      await office.resetOutput();
      return office;
    }
    await office.kill();
    throw new Failure('ENGINE_UNAVAILABLE', 'LibreOffice did not start', { cause: new Error(told ? told.stderr : `not ready after ${START_MS} ms`) });
  }
}
