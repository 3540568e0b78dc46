import { isDeepStrictEqual } from 'node:util';
import { AckPolicy, DeliverPolicy, DiscardPolicy, RetentionPolicy, StorageType, type ConsumerConfig, type JetStreamManager, type StreamConfig } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { isMissing } from './bus-errors';
import type { ConsumerDefinition, StreamDefinition } from './streams';

const streamConfig = (definition: StreamDefinition) =>
  ({
    name: definition.name,
    subjects: [...definition.subjects],
    retention: definition.retention === 'workqueue' ? RetentionPolicy.Workqueue : RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.Old,
    max_age: nanos(definition.maxAgeMs ?? 0),
    max_bytes: definition.maxBytes,
    duplicate_window: nanos(definition.duplicateWindowMs),
    num_replicas: definition.replicas ?? 1,
  }) satisfies Partial<StreamConfig>;

const differs = (wanted: object, actual: object): boolean =>
  Object.entries(wanted).some(([key, value]) => !isDeepStrictEqual(value, (actual as Record<string, unknown>)[key]));

/** Makes the stream, or changes what differs. Two owners at once do no harm: the server accepts a repeat of the same configuration. */
export async function ensureStream(manager: JetStreamManager, definition: StreamDefinition): Promise<void> {
  const wanted = streamConfig(definition);
  try {
    const { config } = await manager.streams.info(definition.name);
    if (differs(wanted, config)) await manager.streams.update(definition.name, wanted);
  } catch (error) {
    if (!isMissing(error)) throw error;
    await manager.streams.add(wanted);
  }
}

/** Makes the consumer, or changes what differs and may change; an existing one keeps its place in the stream. */
export async function ensureConsumer(manager: JetStreamManager, stream: string, definition: ConsumerDefinition): Promise<void> {
  const changeable = {
    ack_wait: nanos(definition.ackWaitMs ?? 30_000),
    max_deliver: definition.maxDeliver ?? -1,
    max_ack_pending: definition.maxAckPending ?? 10_000,
    ...(definition.filterSubject === undefined ? {} : { filter_subject: definition.filterSubject }),
  } satisfies Partial<ConsumerConfig>;
  try {
    const { config } = await manager.consumers.info(stream, definition.durable);
    if (differs(changeable, config)) await manager.consumers.update(stream, definition.durable, changeable);
  } catch (error) {
    if (!isMissing(error)) throw error;
    await manager.consumers.add(stream, {
      durable_name: definition.durable,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: definition.deliver === 'new' ? DeliverPolicy.New : DeliverPolicy.All,
      ...changeable,
    });
  }
}
