import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { EngineGrant } from '@millrace/event-bus';

/** Versions of engines that are our own code, as their pools announce them. */
const OWN: Readonly<Record<string, string>> = { 'import-url': '1', 'export-url': '1', 'export-upload': '1', fault: '1.0', 'fault-media': '1.0', 'fault-document': '1.0' };

/** Versions by the name of the engine. */
export type EngineVersions = Readonly<Record<string, string>>;

/** What is installed here. Asked in a process of its own: the one that keeps all others running stays small. */
export async function findEngineVersions(checkout: string, sandbox: string): Promise<EngineVersions> {
  const { stdout } = await promisify(execFile)(process.execPath, [path.join(checkout, 'dist/tools/engine-versions/main.js'), sandbox]);
  return JSON.parse(stdout) as EngineVersions;
}

/** The engine with the version that this installation has: a version has a lane of its own, which its pool's user must be allowed to pull. */
export function engineGrant(engine: string, installed: EngineVersions): EngineGrant {
  const version = installed[engine] ?? OWN[engine];
  return version === undefined ? { engine } : { engine, versions: [version] };
}
