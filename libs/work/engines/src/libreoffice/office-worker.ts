import { Failure } from '@millrace/failures';
import type { TaskContext } from '@millrace/engine-kit';
import type { RunResult } from '@millrace/sandbox';
import { assertEnded, crashed, wallMsOf } from '../outcome';
import { OFFICE_LIMITS, type OfficeProcess } from './office-process';
import { driverAnswer, type DriverAnswer, type DriverRequest } from './request';
import type { WorkFolder } from './work-folder';

/** Documents after which a worker is replaced: LibreOffice keeps a little of each. */
const MAX_DOCUMENTS = 100;
/** Resident bytes above which it is. A loaded one has about 190 MB. */
const MAX_RESIDENT = 600 * 1024 ** 2;
const NAME = 'libreoffice';

export interface Wear {
  readonly maxDocuments?: number;
  readonly maxResidentBytes?: number;
}

/** A loaded LibreOffice with its folder. It serves one account, from its first document on. */
export class OfficeWorker {
  account: string | undefined;
  /** When it was last given back, as of performance.now(). */
  idleSince = 0;
  #documents = 0;

  constructor(
    readonly process: OfficeProcess,
    readonly folder: WorkFolder,
    private readonly wear: Wear = {},
  ) {}

  /** False once it must not be given another document. */
  get fit(): boolean {
    const { maxDocuments = MAX_DOCUMENTS, maxResidentBytes = MAX_RESIDENT } = this.wear;
    return this.process.running && this.#documents < maxDocuments && this.process.residentBytes <= maxResidentBytes;
  }

  /**
   * Asks for one conversion. Whatever stops it ends the worker: LibreOffice cannot be called back from a document.
   * @throws Failure CANCELLED, TIMEOUT, LIMIT_EXCEEDED or ENGINE_CRASHED.
   */
  async convert(request: DriverRequest, ctx: TaskContext): Promise<DriverAnswer> {
    this.#documents += 1;
    const wallMs = wallMsOf(ctx);
    const late = new AbortController();
    const kill = () => void this.process.kill();
    late.signal.addEventListener('abort', kill);
    const timer = setTimeout(() => late.abort(), wallMs);
    ctx.signal.addEventListener('abort', kill, { once: true });
    if (ctx.signal.aborted) kill();
    try {
      const line = this.process.line();
      this.process.write(JSON.stringify(request));
      const told = await line;
      return typeof told === 'string' ? await this.#parse(told) : this.#explain(late.signal.aborted ? { ...told, limit: 'time' } : told, wallMs, ctx);
    } finally {
      clearTimeout(timer);
      ctx.signal.removeEventListener('abort', kill);
    }
  }

  async remove(): Promise<void> {
    await this.process.kill();
    await this.folder.remove();
  }

  /** A driver that its document has taken over may print anything. */
  async #parse(line: string): Promise<DriverAnswer> {
    try {
      return driverAnswer.parse(JSON.parse(line));
    } catch (error) {
      await this.process.kill();
      throw new Failure('ENGINE_CRASHED', 'The engine libreoffice gave no answer', { cause: error });
    }
  }

  #explain(ended: RunResult, wallMs: number, ctx: TaskContext): never {
    assertEnded(NAME, ended, { ...OFFICE_LIMITS, wallMs }, ctx);
    throw crashed(NAME, `ended with exit code ${ended.exitCode}`, ended);
  }
}
