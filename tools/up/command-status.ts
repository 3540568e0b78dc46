import { lockHolder } from './lock';
import { lockFileOf, recordFileOf } from './installation';
import { dataDirOf, type Invocation } from './invocation';
import { readRecord } from './process-record';
import { readState } from './state';
import { statusOf, statusTable } from './status';

const NOT_RUNNING = 3;

export async function status(invocation: Invocation): Promise<number> {
  const dataDir = dataDirOf(invocation);
  const record = readRecord(recordFileOf(dataDir));
  const state = readState(dataDir.stateFile);
  if (!record || !state) {
    console.error(`Millrace is not running in ${dataDir.root}. "npm run up" starts it.`);
    return NOT_RUNNING;
  }
  if (!lockHolder(lockFileOf(dataDir))) console.error('The supervisor was killed: nothing is started again. "npm run down" clears up, "npm run up" starts anew.');
  const answer = await statusOf(record, state);
  console.log(invocation.values['json'] ? JSON.stringify(answer, null, 2) : await statusTable(record, state));
  return answer.services.every(({ healthy }) => healthy) ? 0 : 1;
}
