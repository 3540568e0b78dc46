import { setTimeout as pause } from 'node:timers/promises';
import { type KeyCache, requireKey } from '@millrace/access';
import { isFailure } from '@millrace/failures';
import type { Resources } from '@millrace/job-store';
import type { Logger } from '@millrace/telemetry';
import { channelNamed } from './channels';
import type { Feeds } from './feeds';
import type { Listener } from './listener';
import { type Subscription, subscriptionOf } from './subscription';

/** Channels that one socket may listen to at once, and subscriptions that may wait to be looked at. */
const MOST_CHANNELS = 1_000;
/** While Postgres is away a subscription is tried again so often, ms. */
const AGAIN_MS = 1_000;

export interface DeskParts {
  readonly feeds: Pick<Feeds, 'join' | 'joinUser'>;
  readonly keys: KeyCache;
  readonly resources: Pick<Resources, 'task'>;
  readonly log: Logger;
}

interface Joined {
  readonly authorization: string;
  readonly leave: () => void;
}

/**
 * Takes the subscriptions of one socket, one after the other. A wrong key, one without the scope task.read, and a channel that is malformed, missing or
 * somebody else's are all alike: nothing is told.
 */
export class SocketDesk {
  readonly #joined = new Map<string, Joined>();
  /** Channels in which everything was told; asking again tells nothing twice. */
  readonly #over = new Set<string>();
  readonly #gone = new AbortController();
  #line: Promise<void> = Promise.resolve();
  #waiting = 0;
  #proven = false;

  constructor(
    private readonly parts: DeskParts,
    private readonly listener: Listener,
    /** Called once, when a key with the scope is shown for the first time. */
    private readonly onProven: () => void = () => undefined,
  ) {}

  /** Whether a key with the scope was ever shown. */
  get isProven(): boolean {
    return this.#proven;
  }

  /** Settles when what was asked for so far has been taken. */
  get settled(): Promise<void> {
    return this.#line;
  }

  /** Never throws. */
  subscribe(payload: unknown): void {
    const subscription = subscriptionOf(payload);
    if (!subscription || this.#waiting >= MOST_CHANNELS) return;
    this.#waiting += 1;
    this.#line = this.#line
      .then(() => this.#take(subscription))
      .catch((error: unknown) => this.parts.log.error({ err: error }, 'A subscription failed'))
      .finally(() => (this.#waiting -= 1));
  }

  /** Leaves the channels whose key was revoked. */
  async recheck(): Promise<void> {
    for (const authorization of new Set([...this.#joined.values()].map((joined) => joined.authorization))) {
      if (await this.#account(authorization)) continue;
      for (const [channel, joined] of this.#joined) {
        if (joined.authorization !== authorization) continue;
        this.#joined.delete(channel);
        joined.leave();
      }
    }
  }

  close(): void {
    this.#gone.abort();
    for (const { leave } of this.#joined.values()) leave();
    this.#joined.clear();
  }

  async #take(subscription: Subscription): Promise<void> {
    while (!this.#gone.signal.aborted) {
      try {
        return await this.#join(subscription);
      } catch (error) {
        if (!isFailure(error) || error.code !== 'SERVICE_UNAVAILABLE') throw error;
        await pause(AGAIN_MS, undefined, { signal: this.#gone.signal }).catch(() => undefined);
      }
    }
  }

  async #join({ channel: name, authorization }: Subscription): Promise<void> {
    const channel = channelNamed(name);
    if (!channel || this.#joined.has(name) || this.#over.has(name)) return;
    const account = await this.#account(authorization);
    if (account === undefined) return;
    if (!this.#proven) {
      this.#proven = true;
      this.onProven();
    }
    if (this.#joined.size >= MOST_CHANNELS) {
      this.parts.log.info({ account }, `A socket asks for more than ${MOST_CHANNELS} channels`);
      return;
    }
    if ('account' in channel) {
      if (channel.account === account && !this.#gone.signal.aborted) this.#joined.set(name, { authorization, leave: this.parts.feeds.joinUser(account, name, this.listener) });
      return;
    }
    const found = channel.of === 'task' ? (await this.parts.resources.task(channel.id, account))?.task : undefined;
    if ((channel.of === 'task' && !found) || this.#gone.signal.aborted) return;
    const id = found ? { account, stream: found.stream, ...(found.kind === 'task' && { task: found.id }) } : { account, stream: channel.id };
    this.#joined.set(name, { authorization, leave: this.parts.feeds.join(id, { channel: name, listener: this.listener, over: () => this.#end(name) }) });
  }

  /** The account of a live key with the scope, or undefined. Throws SERVICE_UNAVAILABLE when keys cannot be looked up. */
  async #account(authorization: string): Promise<number | undefined> {
    try {
      const key = await requireKey({ authorization }, this.parts.keys);
      return key.scopes.includes('task.read') ? key.account : undefined;
    } catch (error) {
      if (isFailure(error) && error.code === 'UNAUTHENTICATED') return undefined;
      throw error;
    }
  }

  #end(name: string): void {
    this.#joined.delete(name);
    this.#over.add(name);
    if (this.#over.size > MOST_CHANNELS) this.#over.delete(this.#over.values().next().value!);
  }
}
