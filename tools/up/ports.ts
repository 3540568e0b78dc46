import { createServer } from 'node:net';

/** Ports of one installation, from its base port on: gateways, Postgres, NATS, then the health ports of all other processes. */
export const BLOCK = 64;
export const MOST_GATEWAYS = 8;
export const MOST_OTHERS = BLOCK - MOST_GATEWAYS - 2;
const POSTGRES_OFFSET = MOST_GATEWAYS;
const NATS_OFFSET = MOST_GATEWAYS + 1;
const OTHERS_OFFSET = MOST_GATEWAYS + 2;

const FIRST_BASE = 8080;
const LAST_BASE = 32_000;

export interface Ports {
  readonly base: number;
  readonly postgres: number;
  readonly nats: number;
  gateway(index: number): number;
  /** Of the nth process that is no gateway. */
  other(nth: number): number;
}

export const portsFrom = (base: number): Ports => ({
  base,
  postgres: base + POSTGRES_OFFSET,
  nats: base + NATS_OFFSET,
  gateway: (index) => base + index,
  other: (nth) => base + OTHERS_OFFSET + nth,
});

/** Why nobody can listen there, as an error code such as EADDRINUSE or EACCES; undefined when one can. */
export function bindProblem(port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

const isFree = async (port: number, host: string): Promise<boolean> => (await bindProblem(port, host)) === undefined;

/** The first port of a block that somebody listens on, or undefined when the block is free. */
export async function takenPort(base: number, host: string): Promise<number | undefined> {
  for (let port = base; port < base + BLOCK; port += 1) {
    if (!(await isFree(port, '127.0.0.1')) || (host !== '127.0.0.1' && !(await isFree(port, host)))) return port;
  }
  return undefined;
}

/** Base of the first free block. */
export async function freeBlock(host: string): Promise<number> {
  for (let base = FIRST_BASE; base <= LAST_BASE; base += BLOCK) {
    if ((await takenPort(base, host)) === undefined) return base;
  }
  throw new Error(`No ${BLOCK} ports in a row are free between ${FIRST_BASE} and ${LAST_BASE}. Name one with --port.`);
}
