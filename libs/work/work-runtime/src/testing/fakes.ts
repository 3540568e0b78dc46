import type { BeatAnswer, BeatRequest, ClaimAnswer, ClaimRequest, Invitation, Lane, PoolAnnouncement, ReportAnswer, ReportRequest } from '@millrace/contracts';
import type { Engine, EngineResult, TaskContext } from '@millrace/engine-kit';
import type { Go } from '../task-run';
import type { Log, Pulled, RunFiles, WorkBus } from '../ports';

export const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

export const GO: Go = { verdict: 'go', job: 'job', account: 1000, operation: 'convert', options: {}, inputs: [], deadline: 0, remainingMs: 60_000, lastStep: true };

export const invitationOf = (task: string, over: Partial<Invitation> = {}): Invitation => ({ stream: 'job', task, step: 0, attempt: 1, losses: 0, engine: 'fake', alone: false, ...over });

/** Lanes to pull from, and an orchestrator that answers what a test puts in place. */
export class FakeBus implements WorkBus {
  connected = true;
  readonly events: string[] = [];
  readonly claims: ClaimRequest[] = [];
  readonly beats: BeatRequest[] = [];
  readonly reports: ReportRequest[] = [];
  readonly announced: PoolAnnouncement[] = [];
  readonly stops = new Map<string, () => void>();
  readonly waiting: Pulled[] = [];
  private readonly pulls = new Set<() => void>();

  onClaim: (request: ClaimRequest) => Promise<ClaimAnswer> = async () => GO;
  onBeat: (request: BeatRequest) => Promise<BeatAnswer> = async () => ({ verdict: 'continue' });
  onReport: (request: ReportRequest) => Promise<ReportAnswer> = async () => ({ verdict: 'confirmed' });

  /** Puts an invitation where pulls find it. */
  offer(invitation: Invitation, over: Partial<Pulled> = {}): void {
    const note = (what: string) => async (): Promise<void> => void this.events.push(`${what} ${invitation.task}`);
    this.waiting.push({ invitation, ack: note('ack'), nak: note('nak'), working: note('working'), ...over });
    for (const look of this.pulls) look();
  }

  async pull({ version }: Lane, batch: number, _expiresMs: number, signal: AbortSignal): Promise<Pulled[]> {
    if (version !== 'any') return new Promise((resolve) => signal.addEventListener('abort', () => resolve([])));
    while (this.waiting.length === 0 && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.pulls.add(resolve);
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    return this.waiting.splice(0, batch);
  }

  claim(_engine: string, request: ClaimRequest): Promise<ClaimAnswer> {
    this.claims.push(request);
    return this.onClaim(request);
  }

  beat(request: BeatRequest): Promise<BeatAnswer> {
    this.beats.push(request);
    return this.onBeat(request);
  }

  report(request: ReportRequest): Promise<ReportAnswer> {
    this.reports.push(request);
    return this.onReport(request);
  }

  announce(pool: PoolAnnouncement): void {
    this.announced.push(pool);
  }

  onStop(run: string, stop: () => void): () => void {
    this.stops.set(run, stop);
    return () => this.stops.delete(run);
  }
}

/** An engine whose runs end when the test says so, or when they are stopped. */
export class FakeEngine implements Partial<Engine> {
  readonly name = 'fake';
  readonly version = '1';
  readonly fetchInputs = true;
  readonly runs = new Map<string, { context: TaskContext; end: (result?: EngineResult) => void; fail: (error: unknown) => void }>();

  run(context: TaskContext): Promise<EngineResult> {
    return new Promise((resolve, reject) => {
      this.runs.set(context.taskId, { context, end: (result = { files: [] }) => resolve(result), fail: reject });
      context.signal.addEventListener('abort', () => reject(new Error('stopped')));
    });
  }
}

/** Files that are nowhere. */
export const noFiles = (over: Partial<RunFiles> = {}): RunFiles => ({
  open: async () => ({ inDir: '/in', outDir: '/out', scratchDir: '/scratch' }),
  fetch: async (_, index) => `/in/${index}`,
  store: async (task, run, output, index) => ({ blob: `${task}/${run}/${index}`, name: output.filename, size: 1 }),
  put: async (task, run, filename, _, index) => ({ blob: `${task}/${run}/${index}`, name: filename, size: 1 }),
  readList: async () => [],
  writeList: async () => undefined,
  close: async () => undefined,
  ...over,
});
