import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { EngineFactory, TaskContext } from '@millrace/engine-kit';
import { createSandbox } from '@millrace/sandbox';
import type { EngineDeps } from '../../deps';
import { type BenchInput, type BenchResult, EngineBench } from '../../testing/engine-bench';
import { officeEngine, type OfficeSettings } from '../libreoffice-engine';

/** The bench of this engine: it counts the workers that were started, and ends them. */
export class OfficeBench extends EngineBench {
  /** LibreOffices started, the one that makes the profile included. */
  started = 0;

  constructor(settings: OfficeSettings = {}, deps: Partial<EngineDeps> & { readonly jail?: boolean } = {}) {
    const { jail = true, ...more } = deps;
    const factory: EngineFactory<EngineDeps> = {
      name: 'libreoffice',
      create: async (given) => {
        const sandbox = jail ? given.sandbox : await createSandbox({ mode: 'off' });
        const counted = { ...sandbox, start: ((...args) => ((this.started += 1), sandbox.start(...args))) as typeof sandbox.start };
        return officeEngine(settings).create({ ...given, ...more, sandbox: counted });
      },
    };
    super(factory);
  }

  /** Converts one file. */
  convert(input: BenchInput, options: Record<string, unknown>, more: Partial<TaskContext> = {}): Promise<BenchResult> {
    return this.run([{ filename: `report.${input.type ?? 'txt'}`, ...input }], options, more);
  }

  /** The bytes of the one file that a conversion gives. */
  async bytes(input: BenchInput, options: Record<string, unknown>, more: Partial<TaskContext> = {}): Promise<Buffer> {
    const { outputs } = await this.convert(input, options, more);
    if (outputs.length !== 1) throw new Error(`${outputs.length} outputs`);
    return outputs[0]!.bytes;
  }

  async stop(): Promise<void> {
    await this.engine.close!();
  }
}

function parentOf(pid: string): string | undefined {
  const file = `/proc/${pid}/status`;
  try {
    return existsSync(file) ? /^PPid:\s+(\d+)/m.exec(readFileSync(file, 'latin1'))?.[1] : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return undefined;
    throw error;
  }
}

/** The soffice.bin processes below this one. */
export function officePids(): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const parents = new Map(pids.map((pid) => [pid, parentOf(pid)]));
  const ours = (pid: string | undefined): boolean => pid !== undefined && (pid === String(process.pid) || ours(parents.get(pid)));
  return pids.filter((pid) => ours(parents.get(pid)) && nameOf(pid) === 'soffice.bin').map(Number);
}

function nameOf(pid: string): string {
  try {
    return readFileSync(path.join('/proc', pid, 'comm'), 'latin1').trim();
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
}
