import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { EngineGrant } from '@millrace/event-bus';

/** Versions of engines that are our own code, as their pools announce them. */
const OWN: Readonly<Record<string, string>> = { 'import-url': '1', 'export-url': '1', fault: '1.0', 'fault-media': '1.0', 'fault-document': '1.0' };

function packageVersion(root: string, name: string): string {
  const { version } = JSON.parse(readFileSync(path.join(root, 'node_modules', name, 'package.json'), 'utf8')) as { version: string };
  return version;
}

/** The engine with the version that this installation has: a version has a lane of its own, which its pool's user must be allowed to pull. */
export function engineGrant(root: string, engine: string): EngineGrant {
  const version = engine === 'sharp' ? packageVersion(root, 'sharp') : OWN[engine];
  return version === undefined ? { engine } : { engine, versions: [version] };
}
