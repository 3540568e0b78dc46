import { isFailure } from '@millrace/failures';
import type { TaskPlan } from '@millrace/job-domain';
import { CommandHandler, type Creation, JobCommands } from '@millrace/job-store';
import type { Checks } from './checks';
import type { MemoryTables } from './memory-store';
import { storeFor } from './memory-store';
import type { SimProcess } from './process';
import type { Random } from './random';
import { simDecide } from './routes';
import type { EnginePlan } from './worker';

const AGAIN_MS = 400;

function enginePlan(random: Random): EnginePlan {
  const mode = random.pick(['ok', 'ok', 'ok', 'ok', 'ok', 'crash', 'input', 'die', 'hang'] as const);
  return { ms: random.pick([0, 50, 800, 7_000, 30_000]), mode, times: random.int(1, mode === 'crash' ? 4 : 2) };
}

function taskPlan(random: Random, earlier: readonly TaskPlan[], foreign: readonly string[]): TaskPlan {
  const content = random.chance(0.05) ? { run: random.uuid() } : undefined;
  const upload = content !== undefined || random.chance(0.2);
  const plan = enginePlan(random);
  const inputs = upload ? [] : earlier.filter(() => random.chance(0.4)).map((task) => task.id);
  if (!upload && foreign.length > 0 && random.chance(0.4)) inputs.push(random.pick(foreign));
  const alpha = { engine: 'alpha', version: 'any' };
  const beta = { engine: 'beta', version: random.pick(['any', '1']) };
  const steps = upload ? [] : random.pick([[alpha], [beta], [alpha, beta], random.chance(0.1) ? [{ engine: 'nobody', version: 'any' }] : [alpha]]);
  const id = random.uuid();
  return {
    id,
    name: null,
    ...(content && { content: { ...content, files: [{ blob: `${id}/${content.run}/0`, name: 'a', size: 1 }] } }),
    operation: upload ? 'import/upload' : 'simulate',
    options: { ...plan },
    inputs,
    steps,
    ignoreError: random.chance(0.2),
    timeoutMs: plan.mode === 'hang' ? 10_000 : random.pick([10_000, 3_600_000, 3_600_000]),
    retryOf: null,
  };
}

/** A customer behind one gateway process: makes a job, sends its uploads, may change its mind. */
export class SimClient {
  private readonly commands: JobCommands;

  constructor(
    private readonly process: SimProcess,
    private readonly tables: MemoryTables,
    private readonly checks: Checks,
    /** Standalone tasks made so far, which later ones may take as inputs. */
    private readonly standalone: string[],
  ) {
    const store = storeFor(process, tables);
    this.commands = new JobCommands(new CommandHandler(store, tables.log.rules, simDecide), store);
  }

  async run(): Promise<void> {
    const { random } = this.process.world;
    const kind = random.chance(0.4) ? 'task' : 'job';
    const tasks: TaskPlan[] = [];
    const count = kind === 'task' ? 1 : random.int(1, 6);
    while (tasks.length < count) tasks.push(taskPlan(random, tasks, kind === 'task' ? this.standalone : []));
    for (const file of tasks.flatMap((task) => task.content?.files ?? [])) this.checks.blobs.add(file.blob);
    const id = kind === 'task' ? tasks[0]!.id : random.uuid();
    const creation: Creation = { id, kind, account: 1, apiKey: null, tag: null, webhookUrl: null, region: 'local', priority: 0, tasks };
    if (!(await this.persist('create', id, () => this.commands.create(creation)))) return;
    this.checks.acknowledged.add(id);
    if (kind === 'task') this.standalone.push(id);
    await Promise.all([this.upload(id, tasks), this.changeMind(id, kind, tasks)]);
  }

  private async upload(id: string, tasks: readonly TaskPlan[]): Promise<void> {
    const { random } = this.process.world;
    for (const task of tasks.filter((one) => one.operation === 'import/upload' && !one.content)) {
      if (random.chance(0.1)) continue;
      await this.process.clock.sleep(random.int(0, 15_000));
      const run = random.uuid();
      const blob = `${task.id}/${run}/0`;
      this.checks.blobs.add(blob);
      await this.persist('upload', id, () => this.commands.uploaded(id, task.id, run, [{ blob, name: 'a', size: 1 }]));
    }
  }

  private async changeMind(id: string, kind: 'job' | 'task', tasks: readonly TaskPlan[]): Promise<void> {
    const { random } = this.process.world;
    if (random.chance(0.6)) return;
    await this.process.clock.sleep(random.int(0, 20_000));
    const task = random.pick(tasks).id;
    if (random.chance(0.5)) {
      if (await this.persist('cancel', id, () => this.commands.cancelTask(id, task))) this.checks.over.add(task);
    } else if (kind === 'job') {
      if (await this.persist('delete', id, () => this.commands.deleteJob(id))) this.checks.over.add(id);
    } else if (await this.persist('delete', id, () => this.commands.deleteTask(id, task))) {
      this.checks.over.add(task);
    }
  }

  /** Repeats a command of unknown outcome under the same identity; false when it was refused. */
  private async persist(what: string, id: string, command: () => Promise<unknown>): Promise<boolean> {
    for (;;) {
      try {
        await command();
        return true;
      } catch (error) {
        if (isFailure(error) && error.class === 'infrastructure') {
          await this.process.clock.sleep(AGAIN_MS);
          continue;
        }
        // Refused although an earlier try was taken: the repeat was not recognised.
        if (what === 'create' && this.tables.log.streams.has(id)) this.process.world.violate('every command is idempotent', String(error));
        return false;
      }
    }
  }
}
