import { rmSync } from 'node:fs';
import { lockHolder } from './lock';
import { lockFileOf, recordFileOf } from './installation';
import { dataDirOf, Refusal, type Invocation } from './invocation';
import { isAlive, signal } from './process-identity';
import { endLeftovers, readRecord } from './process-record';
import { until } from './until';

const STOP_MS = 90_000;

export async function down(invocation: Invocation): Promise<number> {
  const dataDir = dataDirOf(invocation);
  const lock = lockFileOf(dataDir);
  const holder = lockHolder(lock);
  const was = readRecord(recordFileOf(dataDir));
  if (holder) {
    console.log(`stopping process ${holder.pid} and what it started`);
    signal(holder.pid, 'SIGTERM');
    signal(holder.pid, 'SIGCONT');
    if (!(await until(() => !isAlive(holder), STOP_MS))) throw new Refusal(`Process ${holder.pid} has not stopped within ${STOP_MS / 1000} s.`);
  }
  await endLeftovers(recordFileOf(dataDir));
  rmSync(lock, { force: true });
  console.log(holder || was ? 'stopped' : `Millrace is not running in ${dataDir.root}.`);
  return 0;
}
