import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { NATS_SERVICES, type NatsService } from '@millrace/event-bus';

/** What is made once and kept in the data folder. */
export interface State {
  readonly basePort?: number;
  readonly postgresPassword: string;
  readonly natsPasswords: Readonly<Record<NatsService, string>>;
  /** 32 bytes, base64: seals the secrets of jobs. */
  readonly masterKey: string;
  readonly urlSigningSecret: string;
  readonly apiKey?: string;
  /** That the sample was converted, so that a second start is fast. */
  readonly proven?: boolean;
}

const secret = (): string => randomBytes(32).toString('hex');

/** Begins with a letter: a NATS client takes the digits after the first colon of `nats://user:password@host:port` for the port. */
const natsPassword = (): string => `n${secret()}`;

const fresh = (): State => ({
  postgresPassword: secret(),
  natsPasswords: Object.fromEntries(NATS_SERVICES.map((service) => [service, natsPassword()])) as Record<NatsService, string>,
  masterKey: randomBytes(32).toString('base64'),
  urlSigningSecret: secret(),
});

/** Writes a file that only its owner reads, whole or not at all. */
export function writePrivate(file: string, text: string): void {
  const half = `${file}.${process.pid}`;
  writeFileSync(half, text, { mode: 0o600 });
  renameSync(half, file);
}

/** The state of a data folder; undefined before its first start. */
export const readState = (file: string): State | undefined => (existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as State) : undefined);

/** The state of a data folder, made when there is none; users that came with a newer version are given a password. */
export function loadState(file: string): State {
  const made = fresh();
  const kept = readState(file);
  const state = kept ? { ...made, ...kept, natsPasswords: { ...made.natsPasswords, ...kept.natsPasswords } } : made;
  saveState(file, state);
  return state;
}

export const saveState = (file: string, state: State): void => writePrivate(file, `${JSON.stringify(state, null, 2)}\n`);
