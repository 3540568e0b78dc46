import type { ChildProcess } from 'node:child_process';
import { Writable, type Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '@millrace/failures';
import { readBwrapStatus, type BwrapStatus } from './bwrap-status';
import { endingOf, limitOfSignal, type Ending } from './ending';
import { TMP_BYTES } from './jail-arguments';
import { JailGroups, type JailBounds } from './jail-groups';
import { feed, start, type Launch } from './launch';
import { LineSplitter, OutputTail } from './output-tail';
import { PROCESS_SLACK } from './resource-limits';
import type { ExceededLimit, RunLimits, RunOptions, RunResult, RunSpec, SandboxProcess } from './spec';
import { groupKiller, namespaceKiller, type TreeKiller } from './tree-killer';
import { Watcher } from './watcher';

const TAIL_BYTES = 64 * 1024;
const LINE_LENGTH = 64 * 1024;
const GRACE_MS = 500;
/** How long output may still come once the tree is gone: only a process lost from mode `off` holds the pipe longer. */
const DRAIN_MS = 1000;

/** Starts `launch` and holds it to the limits of `spec`; its `ended` resolves once nothing of it is left. */
export async function supervise(launch: Launch, spec: RunSpec, options: RunOptions): Promise<SandboxProcess> {
  const watcher = await Watcher.over(spec.limits, spec.rw.map(({ from }) => from));
  return new Supervision(launch, spec, options, watcher);
}

/** What a jail may need beyond the resident memory of its programs, bytes: what the kernel keeps for them, and both its memory file systems. */
const KERNEL_BYTES = 32 * 1024 * 1024;
const boundsOf = ({ processes, memoryBytes, tmpBytes = TMP_BYTES }: RunLimits): JailBounds => ({ processes: processes + PROCESS_SLACK, memoryBytes: memoryBytes + 2 * tmpBytes + KERNEL_BYTES });

const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() });

class Supervision implements SandboxProcess {
  readonly ended: Promise<RunResult>;
  stdin = nowhere();
  readonly #stdout = new OutputTail(TAIL_BYTES);
  readonly #stderr = new OutputTail(TAIL_BYTES);
  readonly #grace: number;
  #limit: ExceededLimit | undefined;
  #fault: { error: unknown } | undefined;
  #stopping = false;
  #hardKill: NodeJS.Timeout | undefined;
  #tree: Promise<TreeKiller | undefined> = Promise.resolve(undefined);
  #status: BwrapStatus | undefined;
  #groups: JailGroups | undefined;

  constructor(
    private readonly launch: Launch,
    private readonly spec: RunSpec,
    private readonly options: RunOptions,
    private readonly watcher: Watcher,
  ) {
    this.#grace = options.graceMs ?? GRACE_MS;
    this.ended = this.#run();
  }

  get residentBytes(): number {
    return this.watcher.rssBytes;
  }

  kill(): void {
    this.#stop(0);
  }

  resetOutput(): Promise<void> {
    return this.watcher.reset();
  }

  async #run(): Promise<RunResult> {
    const startedAt = performance.now();
    const { signal } = this.options;
    if (signal?.aborted) return this.#result({ exitCode: null, signal: 'SIGTERM' }, startedAt);
    const child = start(this.launch, (error) => this.#fail(error));
    const exited = new Promise<Ending>((resolve) => child.once('exit', (code, by) => resolve(endingOf(code, by))));
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
    if (child.pid === undefined) {
      await closed;
      throw new Failure('ENGINE_UNAVAILABLE', 'The program could not be started', { cause: this.#fault?.error });
    }
    if (child.stdin) this.stdin = child.stdin;
    this.#listen(child);
    this.#tree = this.#treeOf(child.pid, child);

    const onAbort = () => this.#stop(this.#grace);
    signal?.addEventListener('abort', onAbort, { once: true });
    const { wallMs } = this.spec.limits;
    const wall = wallMs === Infinity ? undefined : setTimeout(() => this.#exceed('time', this.#grace), wallMs);
    try {
      const tree = await this.#tree;
      if (tree) this.watcher.start(tree.members, () => this.#groups?.ranOutOfMemory() ?? false, (limit) => this.#exceed(limit, 0), (error) => this.#fail(error));
      const ending = await exited;
      await tree?.gone();
      const outOfMemory = this.#groups?.ranOutOfMemory() ?? false;
      await this.#groups?.remove();
      await Promise.race([closed, delay(DRAIN_MS, undefined, { ref: false })]);
      await this.watcher.stop();
      child.stdout?.destroy();
      child.stderr?.destroy();
      return await this.#conclude(ending, startedAt, outOfMemory);
    } finally {
      clearTimeout(wall);
      clearTimeout(this.#hardKill);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  #listen(child: ChildProcess): void {
    const { onStdoutLine } = this.options;
    const lines = onStdoutLine && new LineSplitter(onStdoutLine, LINE_LENGTH);
    child.stdout?.on('data', (chunk: Buffer) => {
      this.#stdout.push(chunk);
      lines?.push(chunk);
    });
    child.stdout?.on('end', () => lines?.end());
    child.stderr?.on('data', (chunk: Buffer) => this.#stderr.push(chunk));
  }

  async #treeOf(pid: number, child: ChildProcess): Promise<TreeKiller | undefined> {
    const { jail } = this.launch;
    if (!jail) return groupKiller(pid);
    this.#status = readBwrapStatus(child.stdio[jail.statusFd] as Readable);
    const init = await this.#status.init;
    if (!init) return undefined;
    try {
      this.#groups = await JailGroups.around(jail.groups, init, boundsOf(this.spec.limits));
      if (!this.#stopping) feed(child, jail.gateFd, '\n', (error) => this.#fail(error));
    } catch (error) {
      this.#fail(error);
    }
    return namespaceKiller(init);
  }

  #exceed(limit: ExceededLimit, grace: number): void {
    if (this.#stopping) return;
    this.#limit = limit;
    this.#stop(grace);
  }

  /** Something of our own went wrong: nothing is left running, and the run rejects. */
  #fail(error: unknown): void {
    this.#fault ??= { error };
    this.#stop(0);
  }

  #stop(grace: number): void {
    if (this.#stopping) return;
    this.#stopping = true;
    // bwrap is not killed before it has named its namespace's first process: that one would be left waiting for it, for ever.
    void this.#tree.then((tree) => {
      if (grace === 0) return tree?.kill();
      tree?.terminate();
      this.#hardKill = setTimeout(() => tree?.kill(), grace);
    });
  }

  async #conclude(ending: Ending, startedAt: number, outOfMemory: boolean): Promise<RunResult> {
    if (this.#fault) throw this.#fault.error;
    const unset = this.#status && !this.#status.programEnded() && !this.#stopping;
    if (unset && this.#stderr.toString().startsWith('bwrap:')) {
      throw new Failure('ENGINE_UNAVAILABLE', 'The sandbox could not be set up', { cause: new Error(this.#stderr.toString()) });
    }
    if (!this.#stopping && outOfMemory) this.#limit = 'memory';
    else if (!this.#stopping) this.#limit = limitOfSignal(ending.signal) ?? ((await this.watcher.wroteTooMuch(ending.exitCode !== 0)) ? 'output' : undefined);
    return this.#result(ending, startedAt);
  }

  #result(ending: Ending, startedAt: number): RunResult {
    return {
      ...ending,
      timedOut: this.#limit === 'time',
      ...(this.#limit && { limit: this.#limit }),
      stdout: this.#stdout.toString(),
      stderr: this.#stderr.toString(),
      wallMs: Math.round(performance.now() - startedAt),
      maxRssBytes: this.watcher.maxRssBytes,
    };
  }
}
