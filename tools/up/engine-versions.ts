import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { EngineGrant } from '@millrace/event-bus';

/** Versions of engines that are our own code, as their pools announce them. */
const OWN: Readonly<Record<string, string>> = { 'import-url': '1', 'export-url': '1', 'export-upload': '1', fault: '1.0', 'fault-media': '1.0', 'fault-document': '1.0' };

function packageVersion(name: string): string {
  for (let folder = __dirname; ; folder = path.dirname(folder)) {
    const file = path.join(folder, 'node_modules', name, 'package.json');
    if (existsSync(file)) return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
    if (folder === path.dirname(folder)) throw new Error(`the package ${name} is missing: run "npm ci"`);
  }
}

/** The engine with the version that this installation has: a version has a lane of its own, which its pool's user must be allowed to pull. */
export function engineGrant(engine: string): EngineGrant {
  const version = engine === 'sharp' ? packageVersion('sharp') : OWN[engine];
  return version === undefined ? { engine } : { engine, versions: [version] };
}
