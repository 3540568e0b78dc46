import { faultPoint } from '@millrace/config';
import { type Invitation, type Lane, laneDurable } from '@millrace/contracts';
import type { LeaderToken, OrchestrationStore, QueuedTask } from '@millrace/job-store';
import type { InvitationBus } from './ports';

export interface DispatcherSettings {
  /** What is still queued so long after its invitation is invited again. */
  readonly againMs: number;
  /** A pool that was not heard for so long has no free slots. */
  readonly poolMs: number;
  /** Invitations of a lane beyond its free slots, so that a freed slot finds one waiting. */
  readonly spare: number;
}

export const DISPATCHER_SETTINGS: DispatcherSettings = { againMs: 30_000, poolMs: 15_000, spare: 2 };

/** From so many losses on a task gets a worker process for itself. */
const ALONE_AFTER = 2;

/** Shows queued tasks to the workers: a bounded window per lane. The queue itself is the read model. */
export class Dispatcher {
  constructor(
    private readonly store: Pick<OrchestrationStore, 'waitingLanes' | 'waitingTasks' | 'markInvited' | 'freeSlots'>,
    private readonly bus: InvitationBus,
    private readonly settings: DispatcherSettings = DISPATCHER_SETTINGS,
  ) {}

  /**
   * One round over all lanes that have something to invite for. Answers the number of invitations.
   * `storeAgeMs`: how long ago the store of invitations was lost; earlier ones are sent again at once.
   */
  async tick(leader: LeaderToken, storeAgeMs = Infinity): Promise<number> {
    if (!this.bus.connected) return 0;
    const againMs = Math.min(this.settings.againMs, storeAgeMs);
    let sent = 0;
    for (const lane of await this.store.waitingLanes(againMs)) sent += await this.serve(lane, againMs, leader);
    return sent;
  }

  private async serve(lane: Lane, againMs: number, leader: LeaderToken): Promise<number> {
    await this.bus.ensureLane(lane);
    const [free, depth] = await Promise.all([this.store.freeSlots(lane, this.settings.poolMs), this.bus.depth(lane)]);
    if (!depth) return 0;
    const window = free + this.settings.spare - depth.pending - depth.ackPending;
    if (window <= 0) return 0;
    const tasks = await this.store.waitingTasks(lane, window, againMs);
    for (const task of tasks) await this.bus.invite(lane, invitationFor(task));
    if (tasks.length > 0) faultPoint('dispatcher-invited');
    // Marked after the publish: a crash between the two costs a second invitation, never a lost one.
    if (tasks.length > 0) await this.store.markInvited(tasks, leader);
    return tasks.length;
  }
}

const invitationFor = ({ stream, task, step, attempt, engine, losses, trace }: QueuedTask): Invitation => ({
  stream,
  task,
  step,
  attempt,
  losses,
  engine,
  alone: losses >= ALONE_AFTER,
  ...(trace && { traceparent: trace }),
});

/** Lanes by durable name, without doubles. */
export const distinctLanes = (lanes: readonly Lane[]): Lane[] => [...new Map(lanes.map((lane) => [laneDurable(lane), lane])).values()];
