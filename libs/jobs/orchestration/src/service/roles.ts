import { allStreams } from '@millrace/event-bus';
import type { Role } from '../leader-loop';
import type { OrchestrationParts } from './parts';

/** Pauses between rounds that found nothing, ms. A nudge cuts them short; polling is the guarantee. */
const DISPATCH_IDLE_MS = 200;
const RELAY_IDLE_MS = 200;
const SWEEP_IDLE_MS = 250;

/** Lanes of live pools get their consumers before the first task, so that workers find them. */
const POOL_MS = 15_000;

/** Makes the streams, then invites. */
export function dispatcherRole({ bus, jobs, invitations, dispatcher }: OrchestrationParts): Role {
  let streamsMade = false;
  const disturbed = (): void => {
    streamsMade = false;
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
        streamsMade = true;
      }
      for (const lane of await jobs.orchestration.liveLanes(POOL_MS)) await invitations.ensureLane(lane);
      await dispatcher.tick(leader);
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

export const sweeperRole = ({ sweeper }: OrchestrationParts): Role => ({
  name: 'sweeper',
  idleMs: SWEEP_IDLE_MS,
  disturbed: () => sweeper.disturbed(),
  round: async (leader) => (await sweeper.tick(leader)) > 0,
});
