import { Failure } from '@millrace/failures';
import { type Command, type Decide, DEFAULT_RULES, type JobState, type Rules } from '@millrace/job-domain';
import type { JobEvent } from '@millrace/contracts';
import type { Commit, JobLog, LeaderToken } from './job-log';
import { decideByCatalog } from './routed-decision';

/** A command to run against one stream. */
export interface Execution {
  readonly stream: string;
  /** Chosen once by the command's sender; a second append under it is refused by the database and answered from the log. */
  readonly inputId: string;
  /** Makes the command from the state and database time of this try. */
  readonly command: (now: string, state: JobState | null) => Command | Promise<Command>;
  readonly leader?: LeaderToken;
  readonly wrappedKey?: string;
  readonly idempotency?: Commit['idempotency'];
}

/** What became of a command. `repeated`: it was in the log already, nothing was appended now. */
export interface Executed {
  readonly before: JobState | null;
  readonly state: JobState | null;
  readonly events: readonly JobEvent[];
  readonly repeated: boolean;
  readonly now: string;
}

/** Tries before a stream that keeps moving is given up, as a server that is too busy. */
const TRIES = 12;

/** Load, decide, append; again when somebody else was first. */
export class CommandHandler {
  /** The last command of each stream in hand: those of one process take turns, instead of making each other load and decide again. */
  private readonly turns = new Map<string, Promise<unknown>>();

  constructor(
    private readonly log: JobLog,
    readonly rules: Rules = DEFAULT_RULES,
    private readonly decide: Decide = decideByCatalog,
    /** Called after each commit; a hint for dispatcher and relay, which poll as well. */
    private readonly committed: (executed: Executed, stream: string) => void = () => undefined,
  ) {}

  /**
   * Runs one command. Throws the decider's Failure when it is refused, CONFLICT when the leader was superseded,
   * SERVICE_UNAVAILABLE when the database is away or the stream never rests.
   */
  async execute(execution: Execution): Promise<Executed> {
    const { stream } = execution;
    const before = this.turns.get(stream) ?? Promise.resolve();
    const mine = before.then(() => this.run(execution));
    const turn = mine.catch(() => undefined);
    this.turns.set(stream, turn);
    try {
      return await mine;
    } finally {
      if (this.turns.get(stream) === turn) this.turns.delete(stream);
    }
  }

  private async run(execution: Execution): Promise<Executed> {
    const { stream, inputId } = execution;
    for (let tries = 0; tries < TRIES; tries += 1) {
      const loaded = await this.log.load(stream, inputId);
      if (loaded.repeated) return { before: loaded.state, state: loaded.state, events: [], repeated: true, now: loaded.now };
      const command = await execution.command(loaded.now, loaded.state);
      const decided = this.decide(loaded.state, command, stream, this.rules);
      const executed: Executed = { before: loaded.state, state: decided.state, events: decided.events, repeated: false, now: loaded.now };
      if (decided.events.length === 0) return executed;
      const { leader, wrappedKey, idempotency } = execution;
      const result = await this.log.commit({
        stream,
        inputId,
        expectedVersion: loaded.version,
        before: loaded.state,
        after: decided.state!,
        events: decided.events,
        ...(leader && { leader }),
        ...(wrappedKey && { wrappedKey }),
        ...(idempotency && { idempotency }),
      });
      if (result === 'superseded') throw new Failure('CONFLICT', 'Another leader took over');
      if (result === 'committed') {
        this.committed(executed, stream);
        return executed;
      }
    }
    throw new Failure('SERVICE_UNAVAILABLE', 'The job is being changed by too many requests at once');
  }
}
