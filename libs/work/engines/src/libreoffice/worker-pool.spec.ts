import { setImmediate as turn } from 'node:timers/promises';
import { fakeContext } from '@millrace/engine-kit';
import type { OfficeProcess } from './office-process';
import { OfficeWorker, type Wear } from './office-worker';
import type { WorkFolder } from './work-folder';
import { WorkerPool } from './worker-pool';

/** A worker without LibreOffice; it answers every document. */
class FakeWorker extends OfficeWorker {
  removed = false;
  readonly fake: { running: boolean; residentBytes: number };

  constructor(wear?: Wear) {
    const fake = { running: true, residentBytes: 1000 };
    const process = { ...fake, line: async () => '{"ok":true,"files":[{"name":"0.pdf"}]}', write: () => undefined };
    super(process as unknown as OfficeProcess, {} as WorkFolder, wear);
    this.fake = process;
  }

  override async remove(): Promise<void> {
    this.removed = true;
    this.fake.running = false;
  }
}

let launched: FakeWorker[];
let broken: Error | undefined;
const warned: string[] = [];
const pools: WorkerPool[] = [];
beforeEach(() => {
  launched = [];
  broken = undefined;
});
afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.close())));

function pool(size = 2, wear: Wear = {}, idleMs?: number): WorkerPool {
  const launch = async () => {
    if (broken) throw broken;
    launched.push(new FakeWorker(wear));
    return launched.at(-1)!;
  };
  pools.push(new WorkerPool({ size, launch, idleMs, log: { info: () => undefined, warn: (_, msg) => warned.push(msg) } }));
  return pools.at(-1)!;
}

/** One document of `account`, from taking a worker to giving it back. */
async function document(from: WorkerPool, account: string, fresh = false): Promise<FakeWorker> {
  const worker = await from.acquire(account, fresh);
  await worker.convert({} as never, fakeContext());
  from.release(worker);
  await turn();
  return worker as FakeWorker;
}

describe('the pool of workers', () => {
  it('has one spare loaded before anyone asks, and again when it was taken', async () => {
    const some = pool();
    expect(launched).toHaveLength(1);
    const first = await some.acquire('anna', false);
    expect([first, launched.length]).toEqual([launched[0], 2]);
  });

  it('keeps a worker to its account', async () => {
    const some = pool();
    const annas = await document(some, 'anna');
    const berts = await document(some, 'bert');
    expect(berts).not.toBe(annas);
    expect([await document(some, 'anna'), await document(some, 'bert')]).toEqual([annas, berts]);
    expect([annas.account, berts.account, launched.length]).toEqual(['anna', 'bert', 3]);
  });

  it('ends the worker that was idle longest when accounts need its place; busy ones never', async () => {
    const some = pool(2);
    const annas = await document(some, 'anna');
    const berts = await document(some, 'bert');
    await document(some, 'anna');
    const carls = await some.acquire('carl', false);
    expect([annas.removed, berts.removed]).toEqual([false, true]);
    const [doras, again] = [await some.acquire('dora', false), await some.acquire('anna', false)];
    expect([annas.removed, new Set([carls, doras, again]).size, launched.some((worker) => worker.removed && [carls, doras, again].includes(worker))]).toEqual([true, 3, false]);
  });

  it('gives a second attempt a worker that has seen nothing', async () => {
    const some = pool();
    const first = await document(some, 'anna');
    expect(await document(some, 'anna', true)).not.toBe(first);
  });

  it.each<[string, Wear, (worker: FakeWorker) => void]>([
    ['after so many documents', { maxDocuments: 1 }, () => undefined],
    ['above a size', { maxResidentBytes: 2000 }, (worker) => (worker.fake.residentBytes = 2001)],
    ['once it has ended', {}, (worker) => (worker.fake.running = false)],
  ])('replaces a worker %s', async (_, wear, wearOut) => {
    const some = pool(2, wear);
    const first = await document(some, 'anna');
    wearOut(first);
    expect(await document(some, 'anna')).not.toBe(first);
    expect(first.removed).toBe(true);
  });

  it('does not give out a spare that has ended while it waited', async () => {
    const some = pool();
    await turn();
    launched[0]!.fake.running = false;
    expect(await some.acquire('anna', false)).not.toBe(launched[0]);
    expect(launched[0]!.removed).toBe(true);
  });

  it('tries again after LibreOffice could not be started', async () => {
    broken = new Error('no memory');
    const some = pool();
    await turn();
    expect(warned).toContain('A spare LibreOffice could not be started');
    await expect(some.acquire('anna', false)).rejects.toThrow('no memory');
    broken = undefined;
    await expect(some.acquire('anna', false)).resolves.toBeInstanceOf(FakeWorker);
  });

  it('ends a worker whose account has had nothing for a while, and no other', async () => {
    const some = pool(2, {}, 30);
    const annas = await document(some, 'anna');
    const berts = await some.acquire('bert', false);
    while (!annas.removed) await turn();
    expect([(berts as FakeWorker).removed, launched[2]!.removed]).toEqual([false, false]);
  });

  it('ends all when it is closed, and what comes back later', async () => {
    const some = pool();
    await document(some, 'anna');
    const busy = await some.acquire('bert', false);
    await some.close();
    some.release(busy);
    expect(launched.map(({ removed }) => removed)).toEqual([true, true, true]);
  });
});
