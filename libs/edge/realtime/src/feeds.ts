import { type EventType, type Fact, fact as factShape, SUBJECTS } from '@millrace/contracts';
import type { EventBus } from '@millrace/event-bus';
import type { Resources } from '@millrace/job-store';
import type { Logger } from '@millrace/telemetry';
import { Feed, type FeedWorld, type Member } from './feed';
import { Gate } from './gate';
import type { Listener } from './listener';
import { readSnapshot, type StreamId } from './snapshot';

export type Notices = Pick<EventBus, 'subscribe' | 'flush' | 'onStatus'>;

/** How often what is listened to is compared with what has ended, ms: a lost notice costs so much, and no more. */
const HEAL_EVERY_MS = 15_000;
/** Ids in one query. */
const IDS_PER_QUERY = 5_000;
/** Readings at once: the API needs connections too. */
const READINGS = 6;
/** Streams of accounts that are remembered as told to their end. */
const MOST_TOLD = 10_000;

/** Facts that make news of a stream that was not known. */
const NEWS: ReadonlySet<EventType> = new Set(['JobCreated', 'TaskDefined', 'TaskAwaitingUpload', 'TaskQueued', 'TaskStarted', 'TaskFinished', 'TaskFailed', 'TaskCancelled', 'JobFinished', 'JobFailed']);

const keyOf = ({ account, stream }: StreamId): string => `${account}/${stream}`;

interface Subscribed {
  stop(): void;
}

/** An account all of which somebody listens to. */
interface User {
  readonly listeners: Map<string, Set<Listener>>;
  readonly notices: readonly Subscribed[];
}

/** Everything that sockets of this process listen to. It hears only of what somebody listens to, and listens before it reads. */
export class Feeds {
  readonly #feeds = new Map<string, { readonly feed: Feed; readonly notices: Subscribed[] }>();
  readonly #users = new Map<number, User>();
  readonly #told = new Set<string>();
  readonly #gate = new Gate(READINGS);
  readonly #world: FeedWorld;
  readonly #offStatus: () => void;
  readonly #timer: NodeJS.Timeout;

  constructor(
    private readonly notices: Notices,
    private readonly resources: Pick<Resources, 'job' | 'task' | 'ended'>,
    private readonly log: Logger,
    everyMs: number = HEAL_EVERY_MS,
  ) {
    this.#world = {
      read: (id) => this.#gate.run(() => readSnapshot(resources, id)),
      userListeners: (account, channel) => [...(this.#users.get(account)?.listeners.get(channel) ?? [])],
      over: (feed) => this.#over(feed),
      log,
    };
    this.#offStatus = notices.onStatus((connected) => connected && void this.#heal());
    this.#timer = setInterval(() => void this.#heal(), everyMs).unref();
  }

  /** Streams and accounts that are listened to; for tests and metrics. */
  get size(): { streams: number; accounts: number } {
    return { streams: this.#feeds.size, accounts: this.#users.size };
  }

  /** Tells `member` of its stream until the answer is called. A stream that is missing or somebody else's is over at once. */
  join(id: StreamId, member: Member): () => void {
    const { feed, notices } = this.#feeds.get(keyOf(id)) ?? this.#open(id);
    if (notices.length === 0) {
      const subjects = [SUBJECTS.eventsOfJob(id.account, id.stream), SUBJECTS.progress(id.account, id.stream)];
      notices.push(...subjects.map((subject) => this.notices.subscribe(subject, () => feed.look())));
    }
    feed.join(member, this.#heard());
    return () => {
      feed.leave(member);
      if (feed.isEmpty && !this.#users.has(id.account)) this.#drop(feed);
    };
  }

  /** Tells of all that an account has until the answer is called; only of what happens from now on. */
  joinUser(account: number, channel: string, listener: Listener): () => void {
    const user = this.#users.get(account) ?? this.#openUser(account);
    user.listeners.set(channel, (user.listeners.get(channel) ?? new Set()).add(listener));
    return () => {
      const listeners = user.listeners.get(channel);
      listeners?.delete(listener);
      if (listeners?.size === 0) user.listeners.delete(channel);
      if (user.listeners.size === 0) this.#closeUser(account);
    };
  }

  close(): void {
    clearInterval(this.#timer);
    this.#offStatus();
    for (const account of [...this.#users.keys()]) this.#closeUser(account);
    for (const { feed } of [...this.#feeds.values()]) this.#drop(feed);
  }

  #open(id: StreamId): { feed: Feed; notices: Subscribed[] } {
    const entry = { feed: new Feed(id, this.#world), notices: [] };
    this.#feeds.set(keyOf(id), entry);
    return entry;
  }

  #openUser(account: number): User {
    const notices = [
      this.notices.subscribe(SUBJECTS.eventsOfJob(account, '*'), (payload) => this.#news(account, payload)),
      this.notices.subscribe(SUBJECTS.progress(account, '*'), (_, { subject }) => this.#feeds.get(keyOf({ account, stream: subject.split('.').at(-1)! }))?.feed.look()),
    ];
    const user = { listeners: new Map<string, Set<Listener>>(), notices };
    this.#users.set(account, user);
    return user;
  }

  /** Something happened that belongs to an account. */
  #news(account: number, payload: unknown): void {
    const { job: stream, task, type } = factShape.parse(payload) as Fact & { type: EventType };
    const id = { account, stream, task };
    const known = this.#feeds.get(keyOf(id))?.feed;
    if (known) known.hear({ type, task });
    else if (NEWS.has(type) && !this.#told.has(keyOf(id))) this.#open(id).feed.hear({ type, task });
  }

  /** Settles when the server knows what is subscribed to; while it is away, at once: the return of the bus is followed by a comparison. */
  async #heard(): Promise<void> {
    await this.notices.flush().catch((error: unknown) => this.log.debug({ err: error }, 'The bus is away; what happens is found by reading'));
  }

  #over(feed: Feed): void {
    this.#drop(feed);
    if (!this.#users.has(feed.id.account)) return;
    this.#told.add(keyOf(feed.id));
    if (this.#told.size > MOST_TOLD) this.#told.delete(this.#told.values().next().value!);
  }

  #drop(feed: Feed): void {
    feed.close();
    for (const subscription of this.#feeds.get(keyOf(feed.id))?.notices ?? []) subscription.stop();
    this.#feeds.delete(keyOf(feed.id));
  }

  #closeUser(account: number): void {
    for (const subscription of this.#users.get(account)?.notices ?? []) subscription.stop();
    this.#users.delete(account);
    for (const { feed } of [...this.#feeds.values()]) if (feed.id.account === account && feed.isEmpty) this.#drop(feed);
  }

  /** Finds ends that no notice told. */
  async #heal(): Promise<void> {
    await this.#heard();
    const feeds = [...this.#feeds.values()].map(({ feed }) => feed);
    for (const feed of feeds) if (feed.isBehind || feed.open.length === 0) feed.look();
    const ids = feeds.flatMap(({ open }) => open);
    try {
      const ended = new Set<string>();
      for (let at = 0; at < ids.length; at += IDS_PER_QUERY) for (const id of await this.resources.ended(ids.slice(at, at + IDS_PER_QUERY))) ended.add(id);
      for (const feed of feeds) if (feed.open.some((id) => ended.has(id))) feed.look();
    } catch (error) {
      this.log.warn({ err: error }, 'What sockets listen to could not be compared with what has ended');
    }
  }
}
