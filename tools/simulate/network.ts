import { Failure } from '@millrace/failures';
import type { MemoryBus } from './memory-bus';
import type { SimOrchestrator } from './orchestrator';
import type { SimProcess } from './process';
import type { Request } from './worker';
import type { World } from './world';

/** How long an asker waits for an answer, ms; the shipped bus waits as long. */
const ANSWER_MS = 1_000;
const LOST = 0.03;
const REPEATED = 0.02;

export interface NetworkWorld extends World {
  readonly bus: MemoryBus;
  readonly orchestrators: readonly SimOrchestrator[];
}

/** Requests over NATS to the orchestrators: lost, repeated, answered late or never. What one does not answer, all are asked. */
export function requestsOver(world: NetworkWorld): Request {
  const { bus, timeline, random } = world;
  const gone = (): boolean => !bus.connected || random.chance(world.chaos ? LOST : 0);

  return <T>(from: SimProcess, kind: 'claim' | 'beat' | 'report', payload: object): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      let answered = false;
      const settle = (act: () => void) => (): void => {
        answered = true;
        act();
      };
      const askOne = (one: SimOrchestrator): void => {
        const back = (act: () => void): void => {
          if (one.process.alive && !from.cut && !gone()) from.deliver(from.latency(), settle(act));
        };
        one.process.deliver(one.process.latency(), () => {
          (one.handle(kind as 'claim', payload as never) as Promise<unknown>).then(
            (answer) => back(() => resolve(answer as T)),
            (error: unknown) => back(() => reject(error as Error)),
          );
        });
      };
      const ask = (): void => {
        if (world.orchestrators.length > 0 && !from.cut && !gone()) askOne(random.pick(world.orchestrators));
      };
      const askAll = (): void => {
        if (answered) return;
        if (bus.connected && !from.cut) for (const one of world.orchestrators) if (!gone()) askOne(one);
        from.deliver(ANSWER_MS, () => reject(new Failure('SERVICE_UNAVAILABLE', 'Nobody answered')));
      };
      timeline.after(from.latency(), ask);
      from.called();
      // What was sent arrives once more, much later perhaps.
      if (random.chance(REPEATED)) timeline.after(random.int(5, 30_000), ask);
      from.deliver(ANSWER_MS, askAll);
    });
}
