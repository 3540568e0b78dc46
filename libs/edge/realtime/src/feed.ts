import { setTimeout as pause } from 'node:timers/promises';
import type { WireStatus } from '@millrace/contracts';
import type { Logger } from '@millrace/telemetry';
import { Announcement, type Listener } from './listener';
import { changes, endings, firstNews, type Heard, isOver, type Known, knownOf, type Occurrence } from './occurrences';
import type { Snapshot, StreamId } from './snapshot';

/** How long after a failed read the next one comes, ms. */
const RETRY_MS = 2_000;
/** Between two reads of a stream lies so many times what the last one took: a job of 500 tasks changes thousands of times. */
const REST = 2;

/** What a feed needs of its surroundings. */
export interface FeedWorld {
  read(id: StreamId): Promise<Snapshot | undefined>;
  /** Those who listen to all that an account has, under the name of such a channel. */
  userListeners(account: number, channel: string): Iterable<Listener>;
  /** Nothing more will happen to the stream: it ended, or it is gone. */
  over(feed: Feed): void;
  readonly log: Logger;
}

/** One who listens to one channel of a stream. */
export interface Member {
  readonly channel: string;
  readonly listener: Listener;
  /** Called once, when nothing more can be told in the channel. */
  readonly over: () => void;
}

/**
 * Tells what happens to one stream by reading it anew at every notice and telling what is different: a notice that is lost costs nothing as long as
 * another one follows. Who joins is first told, from the same reading, what is over already; so no end falls between, and none is told twice.
 */
export class Feed {
  readonly #members = new Map<string, Set<Member>>();
  readonly #joining = new Set<Member>();
  readonly #facts: Heard[] = [];
  #known: Known | undefined;
  #open: readonly string[] = [];
  #again = false;
  #running: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(
    readonly id: StreamId,
    private readonly world: FeedWorld,
  ) {}

  /** Nobody listens to the stream itself. */
  get isEmpty(): boolean {
    return this.#members.size + this.#joining.size === 0;
  }

  /** Ids of the job and the tasks whose end is to be told; empty while the stream was not read. */
  get open(): readonly string[] {
    return this.#open;
  }

  /** Somebody waits for a reading that failed or has not begun. */
  get isBehind(): boolean {
    return this.#joining.size > 0;
  }

  /** `heard` settles once notices of the stream are heard: a reading follows then, so that nothing that came before them is missed. */
  join(member: Member, heard: Promise<void>): void {
    this.#joining.add(member);
    void heard.finally(() => this.look());
  }

  leave(member: Member): void {
    this.#joining.delete(member);
    const members = this.#members.get(member.channel);
    members?.delete(member);
    if (members?.size === 0) this.#members.delete(member.channel);
  }

  /** Something happened. */
  hear(fact: Heard): void {
    if (this.#known === undefined) this.#facts.push(fact);
    this.look();
  }

  /** Reads and tells what is new; called meanwhile, once more afterwards. */
  look(): void {
    if (this.#closed) return;
    this.#again = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      if (this.#again) this.look();
    });
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#closed) {
      this.#again = false;
      const [facts, startedAt] = [this.#facts.splice(0), performance.now()];
      try {
        const snapshot = await this.world.read(this.id);
        if (this.#closed) return;
        this.#take(snapshot, facts);
      } catch (error) {
        this.#facts.unshift(...facts);
        this.world.log.warn({ err: error, stream: this.id.stream }, 'What sockets listen to could not be read');
        clearTimeout(this.#retry);
        this.#retry = setTimeout(() => this.look(), RETRY_MS).unref();
        return;
      }
      if (this.#again) await pause(REST * (performance.now() - startedAt), undefined, { ref: false });
    }
  }

  #take(snapshot: Snapshot | undefined, facts: readonly Heard[]): void {
    if (snapshot) {
      const now = Date.now();
      const { occurrences, known } = this.#known ? changes(this.#known, snapshot, now) : { occurrences: firstNews(facts, snapshot), known: knownOf(snapshot, now) };
      this.#known = known;
      this.#open = openIds(snapshot);
      for (const occurrence of occurrences) this.#tell(occurrence);
      this.#admit(snapshot);
    }
    if (!snapshot || isOver(snapshot)) this.#end();
  }

  /** Those who came are told what is over, and from now on what is new. */
  #admit(snapshot: Snapshot): void {
    const over = endings(snapshot).map((occurrence) => new Announcement(occurrence));
    for (const member of this.#joining) {
      const { channel, listener } = member;
      for (const announcement of over) if (announcement.occurrence.channels.includes(channel)) announcement.tell(channel, [listener]);
      this.#members.set(channel, (this.#members.get(channel) ?? new Set()).add(member));
    }
    this.#joining.clear();
  }

  #end(): void {
    this.close();
    const left = [...this.#joining, ...[...this.#members.values()].flatMap((members) => [...members])];
    this.#joining.clear();
    this.#members.clear();
    for (const member of left) member.over();
    this.world.over(this);
  }

  #tell(occurrence: Occurrence): void {
    const announcement = new Announcement(occurrence);
    for (const channel of occurrence.channels) {
      announcement.tell(channel, [...(this.#members.get(channel) ?? [])].map(({ listener }) => listener));
      announcement.tell(channel, this.world.userListeners(this.id.account, channel));
    }
  }
}

const isOpen = ({ status }: { status: WireStatus }): boolean => status === 'waiting' || status === 'processing';
const openIds = ({ job, tasks }: Snapshot): string[] => [...(job ? [job] : []), ...tasks].filter(isOpen).map(({ id }) => id);
