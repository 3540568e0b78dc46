import { systemClock } from '@millrace/config';
import { allStreams } from '@millrace/event-bus';
import type { Role } from '../leader-loop';
import type { OrchestrationParts } from './parts';

/** Pauses between rounds that found nothing, ms. A nudge cuts them short; polling is the guarantee. */
const DISPATCH_IDLE_MS = 200;
const RELAY_IDLE_MS = 200;
const SWEEP_IDLE_MS = 250;
const BLOB_SWEEP_IDLE_MS = 2_000;

/** Lanes of live pools get their consumers before the first task, so that workers find them. */
const POOL_MS = 15_000;
/** Between two looks for new pools, ms; rounds come with every append. */
const POOL_LOOK_MS = 1_000;

/** Makes the streams, then invites. */
export function dispatcherRole({ bus, jobs, invitations, dispatcher }: OrchestrationParts): Role {
  let streamsMade = false;
  let lookedAt = 0;
  let work: string | undefined;
  let lostAt = -Infinity;
  const disturbed = (): void => {
    streamsMade = false;
    lookedAt = 0;
    invitations.forget();
  };
  // A server that came back may have lost everything.
  bus.onStatus(disturbed);
  return {
    name: 'dispatcher',
    idleMs: DISPATCH_IDLE_MS,
    disturbed,
    async round(leader) {
      if (!bus.connected) return false;
      if (!streamsMade) {
        await bus.ensureStreams(allStreams());
        const { createdAt } = await bus.streamInfo('WORK');
        if (work !== undefined && work !== createdAt) lostAt = systemClock.now();
        work = createdAt;
        streamsMade = true;
      }
      if (systemClock.now() - lookedAt >= POOL_LOOK_MS) {
        for (const lane of await jobs.orchestration.liveLanes(POOL_MS)) await invitations.ensureLane(lane);
        lookedAt = systemClock.now();
      }
      await dispatcher.tick(leader, systemClock.now() - lostAt);
      return false;
    },
  };
}

export function relayRole({ bus, relay }: OrchestrationParts): Role {
  bus.onStatus(() => relay.disturbed());
  return {
    name: 'relay',
    idleMs: RELAY_IDLE_MS,
    disturbed: () => relay.disturbed(),
    async round(leader) {
      if (!bus.connected) return false;
      const told = await relay.tick(leader);
      return told !== 'busy' && told > 0;
    },
  };
}

export function sweeperRole({ bus, sweeper }: OrchestrationParts): Role {
  // Also when NATS was gone for less than the time between two rounds: workers may take longer to come back.
  bus.onStatus(() => sweeper.disturbed());
  return {
    name: 'sweeper',
    idleMs: SWEEP_IDLE_MS,
    disturbed: () => sweeper.disturbed(),
    round: async (leader) => (await sweeper.tick(leader)) > 0,
  };
}

export const blobSweepRole = ({ blobSweep }: OrchestrationParts): Role => ({
  name: 'blob-sweep',
  idleMs: BLOB_SWEEP_IDLE_MS,
  disturbed: () => undefined,
  round: (leader) => blobSweep.tick(leader),
});
