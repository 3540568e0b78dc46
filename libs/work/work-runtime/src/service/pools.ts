import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { type ExportDeps, exportConnectors, type ImportDeps, importConnectors } from '@millrace/connectors';
import type { Engine, EngineFactory } from '@millrace/engine-kit';
import { documentEngines, type EngineDeps, faultEngines, mediaEngines } from '@millrace/engines';
import { Failure, isFailure } from '@millrace/failures';
import { createSafeFetch } from '@millrace/safe-fetch';
import { createSandbox } from '@millrace/sandbox';
import type { Logger } from '@millrace/telemetry';

export interface EnginePoolSettings {
  readonly sandbox: 'bwrap' | 'off';
  /** Hosts the engines that misbehave on demand; for tests and chaos runs only. */
  readonly faultEngine: boolean;
  /** Names of the engines to host; empty for all of the pool. */
  readonly only: readonly string[];
  /** Where engines keep things beyond a run, and how many runs there are at a time; engines have defaults. */
  readonly stateDir?: string;
  readonly slots?: number;
  readonly log: Logger;
}

/** The engines of a pool that this machine really has. */
export async function enginesOfPool(pool: 'media' | 'document', { sandbox: mode, faultEngine, only, stateDir, slots, log }: EnginePoolSettings): Promise<Engine[]> {
  const declared = [...(pool === 'media' ? mediaEngines : documentEngines), ...(faultEngine ? faultEngines(pool) : [])];
  const factories = chosen(declared, only);
  const sandbox = await createSandbox({ mode, log });
  if (stateDir !== undefined) {
    // What a killed predecessor left; nobody else uses this folder.
    await rm(stateDir, { recursive: true, force: true });
    await mkdir(stateDir, { recursive: true, mode: 0o700 });
  }
  const deps: EngineDeps = { sandbox, faultEnabled: faultEngine, nodePath: process.execPath, modulesDir: modulesDir(), stateDir, slots, log };
  return create(factories, deps, log);
}

/** Versions of the installed engines of both pools by name, found without starting any; those whose programs are missing are left out. */
export async function installedVersions(mode: 'bwrap' | 'off', log: Logger): Promise<Record<string, string>> {
  const deps: EngineDeps = { sandbox: await createSandbox({ mode, log }), faultEnabled: false, nodePath: process.execPath, modulesDir: modulesDir() };
  const factories = new Map([...mediaEngines, ...documentEngines].map((factory) => [factory.name, factory]));
  const found = [...factories.values()].map(async ({ name, version }): Promise<[string, string][]> => {
    try {
      return version ? [[name, await version(deps)]] : [];
    } catch (error) {
      if (!isFailure(error) || error.code !== 'ENGINE_UNAVAILABLE') throw error;
      return [];
    }
  });
  return Object.fromEntries((await Promise.all(found)).flat());
}

export function importers(deps: { allow: readonly string[]; maxImportBytes: number; log: Logger }): Promise<Engine[]> {
  const { allow, maxImportBytes, log } = deps;
  return create<ImportDeps>(importConnectors, { safeFetch: createSafeFetch({ allow: [...allow] }), maxImportBytes }, log);
}

export function exporters(deps: { allow: readonly string[]; log: Logger }): Promise<Engine[]> {
  return create<ExportDeps>(exportConnectors, { safeFetch: createSafeFetch({ allow: [...deps.allow] }) }, deps.log);
}

function chosen<Deps>(factories: readonly EngineFactory<Deps>[], only: readonly string[]): readonly EngineFactory<Deps>[] {
  const unknown = only.filter((name) => !factories.some((factory) => factory.name === name));
  if (unknown.length > 0) {
    throw new Failure('INVALID_DATA', `ENGINES names ${unknown.join(', ')}, which this pool does not have. Valid values: ${factories.map(({ name }) => name).join(', ')}`);
  }
  return only.length === 0 ? factories : factories.filter(({ name }) => only.includes(name));
}

/** An engine whose program is missing is left out with a warning; pools announce only what they have. */
async function create<Deps>(factories: readonly EngineFactory<Deps>[], deps: Deps, log: Logger): Promise<Engine[]> {
  const engines: Engine[] = [];
  for (const factory of factories) {
    try {
      engines.push(await factory.create(deps));
    } catch (error) {
      if (!isFailure(error) || error.code !== 'ENGINE_UNAVAILABLE') throw error;
      log.warn({ err: error, engine: factory.name }, 'The engine is not available here and is not offered');
    }
  }
  return engines;
}

/** The folder of the installed npm packages, which engines bind parts of into the jail. */
function modulesDir(): string {
  for (let folder = __dirname; ; folder = path.dirname(folder)) {
    const modules = path.join(folder, 'node_modules');
    if (existsSync(path.join(modules, 'sharp'))) return modules;
    if (folder === path.dirname(folder)) throw new Failure('SERVICE_UNAVAILABLE', 'node_modules is missing: run "npm ci"');
  }
}
