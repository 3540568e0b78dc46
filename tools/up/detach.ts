import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import type { DataDir } from './data-dir';
import { rotate } from './log-file';

/** What a detached supervisor says to the command that started it. */
type Message = { readonly progress: string } | { readonly ready: string } | { readonly refused: string };

export const isDetached = (): boolean => process.env['MILLRACE_DETACHED'] === '1';

/** Says something to the command that waits for us, if one does. */
export function tellParent(message: Message): void {
  if (process.connected) process.send!(message);
}

function relay(child: ChildProcess, logFile: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let refused = false;
    child.on('message', (message: Message) => {
      if ('progress' in message) console.log(`[up] ${message.progress}`);
      else if ('refused' in message) {
        refused = true;
        console.error(message.refused);
      } else {
        console.log(message.ready);
        child.disconnect();
        child.unref();
        resolve(0);
      }
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      if (!refused) console.error(`The supervisor has ended; its own log is ${logFile}.`);
      resolve(code || 1);
    });
  });
}

/** Starts this very command again without a terminal, and returns when all is ready or it gave up. */
export async function detach({ logs }: DataDir): Promise<number> {
  const logFile = path.join(logs, 'supervisor.log');
  rotate(logFile);
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(process.execPath, process.argv.slice(1), { detached: true, env: { ...process.env, MILLRACE_DETACHED: '1' }, stdio: ['ignore', log, log, 'ipc'] });
  closeSync(log);
  const passOn = (): void => void child.kill('SIGTERM');
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, passOn);
  return relay(child, logFile);
}
