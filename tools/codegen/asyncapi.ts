import { EVENT_HEADERS, EVENT_SCHEMAS, SUBJECTS, fact, logReadAnswer, logReadRequest } from '@millrace/contracts';
import { eventsStream, inboxPrefix } from '@millrace/event-bus';
import { z } from 'zod';
import { FACT_MEANINGS, toldOfStandaloneTasks, type FactType } from './fact-meanings';

const schemaOf = (schema: z.ZodType): unknown => {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: 'output' });
  return json;
};

const ref = (path: string): { $ref: string } => ({ $ref: `#/${path}` });

const headers = {
  type: 'object',
  required: [EVENT_HEADERS.position, EVENT_HEADERS.epoch],
  properties: {
    [EVENT_HEADERS.position]: { type: 'string', pattern: '^[0-9]+$', description: 'Place of the fact in the log, in decimal. It grows along the stream; there are gaps.' },
    [EVENT_HEADERS.epoch]: { type: 'string', description: 'Names one run of facts without holes. Another value than before: catch up by log.read.' },
    [EVENT_HEADERS.traceparent]: { type: 'string', description: 'W3C trace context of the request that led to the fact, where there was one.' },
  },
};

function messageOf(type: FactType): object {
  return {
    name: type,
    title: type,
    summary: FACT_MEANINGS[type] + (toldOfStandaloneTasks(type) ? '' : ' Not told of tasks outside a job.'),
    contentType: 'application/json',
    headers: ref('components/schemas/Headers'),
    payload: { allOf: [ref('components/schemas/Fact'), { type: 'object', properties: { type: { const: type } } }] },
  };
}

const parameter = (description: string): object => ({ description });

/** The AsyncAPI 3 document of what a consumer of EVENTS meets, made of the contracts. */
export function asyncApiDocument(version: string): object {
  const types = Object.keys(EVENT_SCHEMAS) as FactType[];
  const { name, maxAgeMs, maxBytes } = eventsStream();
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Millrace events',
      version,
      description: `Facts about jobs and tasks, in the order of the log, on the JetStream stream ${name} (kept ${maxAgeMs! / 86_400_000} days, ${maxBytes / 1024 ** 2} MiB at most). How to read them is told in docs/events.md.`,
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    servers: {
      nats: {
        host: '127.0.0.1:8089',
        protocol: 'nats',
        description: `User "consumer"; its inbox prefix is ${inboxPrefix('consumer')}. The port is in "npm run status -- --json".`,
        security: [ref('components/securitySchemes/consumer')],
      },
    },
    channels: {
      facts: {
        address: SUBJECTS.event('{type}', '{account}' as unknown as number, '{job}'),
        title: `Subjects of the stream ${name}`,
        parameters: {
          type: { description: 'Type of the fact.', enum: types },
          account: parameter('Number of the account that the job belongs to.'),
          job: parameter('Id of the job, or of the task where it was made without a job.'),
        },
        messages: Object.fromEntries(types.map((type) => [type, ref(`components/messages/${type}`)])),
      },
      logRead: {
        address: SUBJECTS.logRead,
        title: 'Facts from the log, for whoever has to catch up',
        messages: { request: ref('components/messages/LogReadRequest'), answer: ref('components/messages/LogReadAnswer') },
      },
    },
    operations: {
      receiveFacts: { action: 'receive', channel: ref('channels/facts'), summary: 'Pull them with a durable consumer of your own name, at least once, in order.' },
      catchUp: {
        action: 'send',
        channel: ref('channels/logRead'),
        summary: 'A request; the answer comes to the inbox of its sender.',
        messages: [ref('channels/logRead/messages/request')],
        reply: { address: { location: '$message.header#/reply', description: 'The inbox of the NATS request.' }, channel: ref('channels/logRead'), messages: [ref('channels/logRead/messages/answer')] },
      },
    },
    components: {
      securitySchemes: { consumer: { type: 'userPassword', description: 'natsPasswords.consumer of state.json' } },
      schemas: {
        Headers: headers,
        Fact: schemaOf(fact),
        LogReadRequest: schemaOf(logReadRequest),
        LogReadAnswer: schemaOf(logReadAnswer),
      },
      messages: {
        ...Object.fromEntries(types.map((type) => [type, messageOf(type)])),
        LogReadRequest: { name: 'LogReadRequest', contentType: 'application/json', payload: ref('components/schemas/LogReadRequest') },
        LogReadAnswer: { name: 'LogReadAnswer', contentType: 'application/json', payload: ref('components/schemas/LogReadAnswer') },
      },
    },
  };
}
