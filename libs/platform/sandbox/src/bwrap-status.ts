import type { Readable } from 'node:stream';
import { LineSplitter } from './output-tail';
import { refOf, type ProcessRef } from './process-tree';

/** What bwrap tells on its status descriptor (--json-status-fd). */
export interface BwrapStatus {
  /** The first process of the pid namespace, or undefined when bwrap ended without making one. */
  readonly init: Promise<ProcessRef | undefined>;
  /** True once the program itself was started and has ended; false for a jail that could not be set up. */
  programEnded(): boolean;
}

/** Reads the status lines until their end. */
export function readBwrapStatus(stream: Readable): BwrapStatus {
  let ended = false;
  const init = new Promise<ProcessRef | undefined>((resolve, reject) => {
    const lines = new LineSplitter((line) => {
      const status = JSON.parse(line) as { 'child-pid'?: number; 'exit-code'?: number };
      if (status['child-pid'] !== undefined) resolve(refOf(status['child-pid']));
      if (status['exit-code'] !== undefined) ended = true;
    }, 65_536);
    stream.on('data', (chunk: Buffer) => lines.push(chunk));
    stream.on('close', () => resolve(undefined));
    stream.on('error', reject);
  });
  return { init, programEnded: () => ended };
}
