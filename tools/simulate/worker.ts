import type { ClaimAnswer, ClaimRequest, FileRef, Lane } from '@millrace/contracts';
import type { Engine, TaskContext } from '@millrace/engine-kit';
import { Failure } from '@millrace/failures';
import { type Pulled, type RunFiles, TaskRunner, type WorkBus, Worker } from '@millrace/work-runtime';
import type { Checks } from './checks';
import type { Faults } from './faults';
import type { InFlight, MemoryBus } from './memory-bus';
import type { MemoryTables } from './memory-store';
import type { SimProcess } from './process';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Pulls are shorter than the shipped ones ask for, as a server may end them. Ms. */
const PULL_MS = 5_000;
/** Longer than any run of the simulation. */
const FOREVER_MS = 86_400_000;

/** What the engine of a task is to do, from the options of the task. */
export interface EnginePlan {
  readonly ms: number;
  readonly mode: 'ok' | 'crash' | 'input' | 'die' | 'hang';
  /** Misbehaves so many times. */
  readonly times: number;
}

export type Request = <T>(from: SimProcess, kind: 'claim' | 'beat' | 'report', payload: object) => Promise<T>;

export interface WorkerWorld {
  readonly bus: MemoryBus;
  readonly tables: MemoryTables;
  readonly checks: Checks;
  readonly request: Request;
  readonly faults: Faults;
  /** Deaths so far that a poison task caused. */
  readonly deaths: Map<string, number>;
  /** Ends the process of a poison task. */
  readonly die: (process: SimProcess) => void;
}

/** The shipped work runtime in one virtual process, over engines that do as their task says. */
export function startWorker(process: SimProcess, pool: string, engine: string, world: WorkerWorld): void {
  const workBus = workBusFor(process, world);
  const runner = new TaskRunner({
    worker: process.name,
    bus: workBus,
    files: filesFor(process, world.checks),
    clock: process.clock,
    log: silent,
    newRun: () => process.world.random.uuid(),
    logFor: () => silent,
  });
  const worker = new Worker({ worker: process.name, pool, region: 'local', slots: 2 }, [engineFor(process, engine, world)], runner, workBus, process.clock, silent);
  void worker.run(process.stop.signal).then(() => world.die(process));
}

function workBusFor(process: SimProcess, { bus, tables, checks, request, faults }: WorkerWorld): WorkBus {
  const answered = new Set<string>();
  const nameOf = ({ invitation: { task, step, attempt } }: InFlight): string => `${task} ${step} ${attempt}`;
  const ack = (flight: InFlight): void => {
    if (!answered.has(nameOf(flight))) process.world.violate('an invitation is acked after its claim was answered', nameOf(flight));
    bus.ack(flight);
  };
  const reached = <T>(work: () => T): Promise<T> =>
    process.call(() => {
      if (process.cut) throw new Failure('SERVICE_UNAVAILABLE', 'The connection is cut');
      return work();
    });
  const pulled = (flight: InFlight): Pulled => {
    if (faults === 'ack-before-claim' && bus.connected) ack(flight);
    return {
      invitation: flight.invitation,
      ack: () => reached(() => ack(flight)),
      nak: (delayMs) => reached(() => bus.nak(flight, delayMs)),
      working: () => reached(() => bus.working(flight)),
    };
  };
  return {
    get connected(): boolean {
      return bus.connected && !process.cut;
    },
    pull: (lane: Lane, _batch, expiresMs, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve([]);
        bus.pull(lane, process, Math.min(expiresMs, PULL_MS), (flight) => resolve(flight ? [pulled(flight)] : []));
      }),
    claim: async (_engine, claim: ClaimRequest): Promise<ClaimAnswer> => {
      checks.owners.set(claim.run, process);
      try {
        const answer = await request<ClaimAnswer>(process, 'claim', claim);
        answered.add(`${claim.task} ${claim.step} ${claim.attempt}`);
        return answer;
      } catch (error) {
        if (faults !== 'claim-given-up') throw error;
        answered.add(`${claim.task} ${claim.step} ${claim.attempt}`);
        return { verdict: 'gone' };
      }
    },
    beat: (beat) => request(process, 'beat', beat),
    report: async (report) => {
      const answer = await request<{ verdict: 'confirmed' | 'refused' }>(process, 'report', report);
      const logged = tables.log.streams.get(report.stream)?.events.some(({ type, data }) => type === 'FilesStored' && (data as { run?: string }).run === report.run);
      if (answer.verdict === 'refused' && logged) process.world.violate('a report that is in the log is confirmed', report.run);
      return answer;
    },
    announce: (announcement) =>
      process.world.timeline.after(process.latency(), () => {
        if (!bus.connected || process.cut || tables.log.now < tables.log.awayUntil) return;
        tables.pools.set(announcement.worker, { at: tables.log.now, pool: announcement });
        for (const { name } of announcement.engines) bus.heard.set(name, bus.connectedMs);
      }),
    onStop: (run, stop) => {
      bus.stopListeners.set(run, () => process.cut || process.deliver(process.latency(), stop));
      return () => void bus.stopListeners.delete(run);
    },
  };
}

function filesFor(process: SimProcess, checks: Checks): RunFiles {
  const folders = { inDir: '/in', outDir: '/out', scratchDir: '/scratch' };
  return {
    open: () => process.call(() => folders),
    fetch: () => process.call(() => '/in/file'),
    store: () => Promise.reject(new Error('engines of the simulation stream their outputs')),
    put: (task, run, filename, _source, index): Promise<FileRef> =>
      process.call(() => {
        const blob = `${task}/${run}/${index}`;
        checks.blobs.add(blob);
        return { blob, name: filename, size: 1 };
      }),
    readList: () => Promise.reject(new Error('no run has so many files')),
    writeList: () => Promise.reject(new Error('no run has so many files')),
    close: () => process.call(() => undefined),
  };
}

function engineFor(process: SimProcess, name: string, { checks, deaths, die }: WorkerWorld): Engine {
  return {
    name,
    version: '1',
    fetchInputs: false,
    async run(ctx: TaskContext) {
      const plan = ctx.options as unknown as EnginePlan;
      checks.engines.set(ctx.runId, process);
      try {
        await process.clock.sleep(plan.mode === 'hang' ? FOREVER_MS : plan.ms, ctx.signal);
        if (ctx.signal.aborted) throw new Failure('CANCELLED', 'The run was stopped');
        if (plan.mode === 'input') throw new Failure('INVALID_INPUT', 'The file is not readable');
        if (plan.mode === 'crash' && ctx.attempt <= plan.times) throw new Failure('ENGINE_CRASHED', 'The engine crashed');
        if (plan.mode === 'die' && (deaths.get(ctx.taskId) ?? 0) < plan.times) {
          deaths.set(ctx.taskId, (deaths.get(ctx.taskId) ?? 0) + 1);
          die(process);
          await new Promise(() => undefined);
        }
        return { files: [await ctx.put('out', undefined as never)] };
      } finally {
        checks.engines.delete(ctx.runId);
      }
    },
  };
}
