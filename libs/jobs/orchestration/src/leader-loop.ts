import type { Leadership, LeaderToken } from '@millrace/job-store';
import type { Clock, Log } from './ports';

/** Work that one process of many does at a time. */
export interface Role {
  readonly name: string;
  /** Pause after a round that found nothing, ms; a hint cuts it short. */
  readonly idleMs: number;
  /** One round; true when there may be more to do at once. */
  round(leader: LeaderToken): Promise<boolean>;
  /** The lead was just taken, or a round failed. */
  disturbed(): void;
}

export const LEASE_MS = 6_000;
const RENEW_MS = 2_000;
/** Between two looks of one who does not lead. */
const FOLLOW_MS = 1_000;
const FAILURE_PAUSE_MS = 500;

/** Leads a role while it can: renews its lease, runs rounds, starts afresh after a failure. */
export class LeaderLoop {
  private hint: AbortController | undefined;
  private hinted = false;

  constructor(
    private readonly role: Role,
    private readonly leadership: Leadership,
    private readonly holder: string,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Something may be there to do: the next pause is skipped. */
  wake(): void {
    this.hinted = true;
    this.hint?.abort();
  }

  /** Runs until `stop` aborts, then gives up the lease. */
  async run(stop: AbortSignal): Promise<void> {
    let leader: LeaderToken | undefined;
    let renewAt = 0;
    stop.addEventListener('abort', () => this.wake(), { once: true });
    while (!stop.aborted) {
      try {
        if (this.clock.now() >= renewAt) {
          const held = await this.leadership.lead(this.role.name, this.holder, LEASE_MS);
          if (held && held.token !== leader?.token) this.role.disturbed();
          leader = held;
          renewAt = this.clock.now() + (held ? RENEW_MS : 0);
        }
        this.hinted = false;
        const more = leader ? await this.role.round(leader) : false;
        // Who does not lead has no use for hints: each would be a look at the lease by every process, with every append.
        if (!leader) await this.clock.sleep(FOLLOW_MS, stop);
        else if (!more) await this.pause(this.role.idleMs);
      } catch (error) {
        this.log.warn({ err: error, role: this.role.name }, 'a round failed; trying again');
        this.role.disturbed();
        leader = undefined;
        renewAt = 0;
        await this.clock.sleep(FAILURE_PAUSE_MS, stop);
      }
    }
    if (leader) await this.leadership.resign(leader).catch((error: unknown) => this.log.warn({ err: error, role: this.role.name }, 'the lease runs out by itself'));
  }

  private async pause(ms: number): Promise<void> {
    if (this.hinted) return;
    this.hint = new AbortController();
    await this.clock.sleep(ms, this.hint.signal);
    this.hint = undefined;
  }
}
