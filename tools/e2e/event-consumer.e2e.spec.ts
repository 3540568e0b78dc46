import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import type { Fact } from '@millrace/contracts';
import { noop, twoStep } from '../chaos/jobs';
import { type Stack, startStack } from '../testing/stack';
import { until } from '../up/until';
import { query } from './database';

const EXAMPLE = path.resolve(__dirname, '../../examples/event-consumer/main.mjs');

jest.setTimeout(150_000);

/** One life of the example: what it printed, and what it said. */
class Consumer {
  private printed = '';
  private said = '';
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;

  constructor(stack: Stack, settings: Readonly<Record<string, string>>) {
    this.child = spawn(process.execPath, [EXAMPLE], {
      env: { PATH: process.env['PATH'], NATS_URL: `nats://${new URL(stack.at.nats.url).host}`, NATS_PASSWORD: stack.natsPassword('consumer'), ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => (this.printed += text));
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.said += text));
    this.ended = new Promise((resolve) => this.child.once('close', resolve));
  }

  get facts(): Fact[] {
    return this.printed.split('\n').slice(0, -1).map((line) => JSON.parse(line) as Fact);
  }

  get output(): string {
    return this.said;
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    this.child.kill(signal);
    await this.ended;
  }
}

describe('the example consumer of events', () => {
  let stack: Stack;
  const lives: Consumer[] = [];

  beforeAll(async () => {
    stack = await startStack();
  }, 120_000);

  afterAll(async () => {
    await Promise.all(lives.map((life) => life.end('SIGKILL')));
    await stack?.stop();
  }, 120_000);

  const live = (settings: Readonly<Record<string, string>> = {}): Consumer => {
    const life = new Consumer(stack, { POSITION_FILE: path.join(stack.dataDir, 'position.json'), ...settings });
    lives.push(life);
    return life;
  };
  const convert = async (count: number): Promise<void> => {
    const jobs = await Promise.all(Array.from({ length: count }, (_, index) => stack.api.createJob(index % 2 ? noop() : twoStep())));
    for (const job of jobs) expect((await stack.api.wait(job)).status).toBe('finished');
  };
  const log = async (): Promise<number[]> => (await query<{ position: string }>(stack, 'select position from job_events order by position')).map(({ position }) => Number(position));
  const seen = (): number[] => lives.flatMap(({ facts }) => facts.map(({ position }) => position));
  const sawTheEnd = async (life: Consumer): Promise<void> => {
    const all = await log();
    const there = await until(() => life.facts.at(-1)?.position === all.at(-1), 60_000);
    if (!there) throw new Error(`it stands at ${life.facts.at(-1)?.position} of ${all.at(-1)}: ${life.output}`);
  };

  it('sees every fact, in order, over restarts and the loss of the whole NATS store', async () => {
    const first = live();
    await convert(4);
    await sawTheEnd(first);
    await first.end('SIGKILL');

    // Told while it is dead, and lost with the stream before it is back.
    await convert(4);
    rmSync(stack.at.nats.storeDir, { recursive: true });
    await convert(4);
    const second = live();
    await sawTheEnd(second);

    // Lost under its hands: it makes its durable again.
    rmSync(stack.at.nats.storeDir, { recursive: true });
    await convert(4);
    await sawTheEnd(second);
    await second.end('SIGTERM');

    for (const { facts } of lives) {
      const positions = facts.map(({ position }) => position);
      expect(positions).toEqual([...positions].sort((a, b) => a - b));
    }
    expect([...new Set(seen())]).toEqual(await log());
    expect(seen()).toHaveLength(new Set(seen()).size);
  });

  it('says what is missing when it is not told where to connect', async () => {
    const life = live({ NATS_PASSWORD: '' });
    expect(await until(() => life.output.includes('NATS_PASSWORD'), 20_000)).toBe(true);
    expect(life.facts).toEqual([]);
  });
});
