import { Logger, run as work } from 'graphile-worker';
import { Client as Postgres, Pool } from 'pg';
import type { JobJson } from '../e2e/client';
import { type Bench, inFlight, type Row, series, timed } from './bench';
import { figure, median, quantile } from './figure';
import { cpuByProcess } from './cpu';
import { hopsOf } from './hops';

const TASKS = {
  in: { operation: 'import/raw', file: 'content', filename: 'a.txt' },
  do: { operation: 'fault', input: 'in', mode: 'copy' },
  out: { operation: 'export/url', input: 'do' },
};
const IN_FLIGHT = 64;
const POSTERS = 16;

async function job({ client }: Bench): Promise<JobJson> {
  const ended = await client.run(TASKS);
  if (ended.status !== 'finished') throw new Error(`a job did not finish: ${JSON.stringify(ended)}`);
  return ended;
}

/** One job at a time, from the request to the answer of `wait`. */
export const latency: Row = async (bench) => {
  await series(10, () => job(bench));
  const jobs: JobJson[] = [];
  const all = await series(bench.quick ? 20 : 200, async () => jobs.push(await job(bench)));
  bench.note(`hops of the 3-task job, median ms (over HTTP ${median(all).toFixed(1)}):\n${await hopsOf(bench.stack, jobs)}`);
  return [figure('3-task job, p50', median(all), 'ms', '<= 60 ms', (value) => value <= 60)];
};

/** Such jobs, many at a time. */
export const throughput: Row = async (bench) => {
  const count = bench.quick ? 128 : 1_500;
  await inFlight(IN_FLIGHT, IN_FLIGHT, () => job(bench));
  const cpu = cpuByProcess(bench.stack);
  const ms = await timed(() => inFlight(count, IN_FLIGHT, () => job(bench)));
  bench.note(`processor time a job over ${count} jobs, ms:\n${cpu(count)}`);
  const yardstick = await graphile(bench, bench.quick ? 500 : 5_000);
  return [figure(`3-task jobs, ${IN_FLIGHT} in flight`, (count / ms) * 1000, 'jobs/s', '>= 60 /s', (value) => value >= 60, yardstick)];
};

/** Jobs a second of graphile-worker, of one step that does nothing, in a database of its own on the same server. */
async function graphile({ stack }: Bench, count: number): Promise<number> {
  return inDatabase(stack.at.postgres.url, 'bench_graphile', async (connectionString) => {
    const waiting = new Map<string, () => void>();
    const step = (payload: unknown) => waiting.get((payload as { id: string }).id)!();
    const pgPool = new Pool({ connectionString, max: 10 });
    const runner = await work({ pgPool, concurrency: IN_FLIGHT, noHandleSignals: true, taskList: { step }, logger: new Logger(() => () => undefined) });
    try {
      let next = 0;
      const one = async () => {
        const id = String((next += 1));
        const done = new Promise<void>((resolve) => waiting.set(id, resolve));
        await runner.addJob('step', { id });
        await done;
      };
      await inFlight(IN_FLIGHT, IN_FLIGHT, one);
      return (count / (await timed(() => inFlight(count, IN_FLIGHT, one)))) * 1000;
    } finally {
      await runner.stop();
      await pgPool.end();
    }
  });
}

/** Jobs accepted, whatever becomes of them meanwhile. */
export const accept: Row = async (bench) => {
  const count = bench.quick ? 100 : 3_000;
  const post = async () => void (await bench.client.createJob(TASKS));
  await inFlight(POSTERS * 2, POSTERS, post);
  let each: number[] = [];
  const ms = await timed(async () => (each = await inFlight(count, POSTERS, post)));
  const yardstick = await commits(bench, bench.quick ? 500 : 5_000);
  const rate = (count / ms) * 1000;
  return [
    figure(`POST /v2/jobs, ${POSTERS} in flight`, rate, 'jobs/s', '>= 200 /s', (value) => value >= 200, yardstick.rate),
    figure('POST /v2/jobs, p99', quantile(each, 0.99), 'ms', '<= 250 ms', (value) => value <= 250, yardstick.p99),
  ];
};

/** One insert of a kilobyte a commit, over as many connections. */
async function commits({ stack }: Bench, count: number): Promise<{ rate: number; p99: number }> {
  return inDatabase(stack.at.postgres.url, 'bench_commits', async (connectionString) => {
    const free = Array.from({ length: POSTERS }, () => new Postgres({ connectionString }));
    const all = [...free];
    await Promise.all(all.map((client) => client.connect()));
    try {
      await all[0]!.query('create table rows (id bigint generated always as identity primary key, data jsonb not null)');
      const data = JSON.stringify({ text: 'x'.repeat(1_000) });
      let each: number[] = [];
      const insert = async () => {
        const client = free.pop()!;
        await client.query('insert into rows (data) values ($1)', [data]);
        free.push(client);
      };
      const ms = await timed(async () => (each = await inFlight(count, POSTERS, insert)));
      return { rate: (count / ms) * 1000, p99: quantile(each, 0.99) };
    } finally {
      await Promise.all(all.map((client) => client.end()));
    }
  });
}

async function inDatabase<T>(url: string, name: string, use: (url: string) => Promise<T>): Promise<T> {
  const admin = new Postgres({ connectionString: url });
  await admin.connect();
  try {
    await admin.query(`drop database if exists ${name}`);
    await admin.query(`create database ${name}`);
    const own = new URL(url);
    own.pathname = `/${name}`;
    return await use(own.href);
  } finally {
    await admin.query(`drop database if exists ${name}`);
    await admin.end();
  }
}
