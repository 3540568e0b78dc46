import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { type Stack, startStack } from '../testing/stack';
import { until } from '../up/until';
import { Client, type JobJson } from './client';
import { FileServer } from './file-server';
import { printTree, type ReceivedSpan, TraceReceiver } from './trace-receiver';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = 'b7ad6b7169203331';
const SECRET = 'hunter2-in-the-query';

let stack: Stack;
let customer: FileServer;
let receiver: TraceReceiver;
let spans: ReceivedSpan[];

const called = (name: string, service?: string): ReceivedSpan[] => spans.filter((span) => span.name === name && (service === undefined || span.service === service));
const parentOf = (span: ReceivedSpan): ReceivedSpan | undefined => spans.find(({ spanId }) => spanId === span.parentSpanId);
const pathTo = (span: ReceivedSpan): string[] => [...(span.parentSpanId === CALLER ? [] : pathTo(parentOf(span)!)), `${span.service} ${span.name}`];
const told = (): boolean => customer.seen.some(({ method }) => method === 'POST');

beforeAll(async () => {
  customer = await FileServer.start(({ method }, response) => void response.writeHead(200).end(method === 'GET' ? 'A page of words' : ''));
  receiver = await TraceReceiver.start();
  const otel = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', OTEL_BSP_SCHEDULE_DELAY: '100' };
  stack = await startStack({ env: { SAFE_FETCH_ALLOW: '127.0.0.1', ...otel } });
  const answer = await stack.api.request('POST', '/v2/jobs', {
    headers: { traceparent: `00-${TRACE}-${CALLER}-01` },
    body: {
      webhook_url: `${customer.url}/told`,
      tasks: {
        in: { operation: 'import/url', url: `${customer.url}/page.txt?key=${SECRET}`, filename: 'page.txt' },
        picture: { operation: 'convert', input: 'in', output_format: 'png' },
        small: { operation: 'convert', input: 'picture', output_format: 'webp' },
        out: { operation: 'export/url', input: 'small' },
      },
    },
  });
  expect(answer.status).toBe(201);
  const { data } = (await answer.json()) as { data: JobJson };
  const ended = await Client.of(stack).ended(data.id);
  if (ended.status !== 'finished') throw new Error(JSON.stringify(ended));
  const complete = (): boolean => told() && ['webhook.send', 'relay.publish', 'task.run'].every((name) => receiver.ofTrace(TRACE).some((span) => span.name === name && (name !== 'relay.publish' || span.attributes['millrace.event.type'] === 'JobFinished')));
  const arrived = await until(complete, 30_000);
  // What ended last may still be on its way: a stop sends it.
  await stack.stop();
  spans = receiver.ofTrace(TRACE);
  if (!arrived) throw new Error(`the trace is not complete:\n${printTree(spans)}`);
  if (process.env['PRINT_TRACE'] === 'on') process.stdout.write(`${printTree(spans)}\n`);
}, 240_000);
afterAll(async () => {
  await stack?.stop();
  await receiver?.stop();
  await customer?.stop();
}, 120_000);

it('all seven services tell of the job in one trace', () => {
  expect([...new Set(spans.map(({ service }) => service))].sort()).toEqual(['api-gateway', 'engine-ffmpeg', 'engine-office', 'export-service', 'import-service', 'job-orchestrator', 'webhook-dispatcher']);
});

it('no span hangs in the air: each has its parent, up to the span of the caller', () => {
  expect(spans.filter((span) => span.parentSpanId !== CALLER && !parentOf(span)).map(({ service, name }) => `${service} ${name}`)).toEqual([]);
  expect(spans.filter(({ parentSpanId }) => parentSpanId === CALLER).map(({ name }) => name)).toEqual(['POST /v2/jobs']);
});

it.each([
  ['task.run of the import', 'import-service', 'task.run', ['api-gateway POST /v2/jobs', 'job-orchestrator dispatch.invite', 'import-service task.run']],
  ['append of the job', 'api-gateway', 'job-log.append', ['api-gateway POST /v2/jobs', 'api-gateway job-log.append']],
  ['fetch of an input', 'engine-ffmpeg', 'blob.fetch', ['api-gateway POST /v2/jobs', 'job-orchestrator dispatch.invite', 'engine-ffmpeg task.run', 'engine-ffmpeg blob.fetch']],
  ['program of an engine', 'engine-office', 'process.exec', ['api-gateway POST /v2/jobs', 'job-orchestrator dispatch.invite', 'engine-office task.run', 'engine-office engine.run', 'engine-office process.exec']],
  ['store of an output', 'engine-office', 'blob.store', ['api-gateway POST /v2/jobs', 'job-orchestrator dispatch.invite', 'engine-office task.run', 'engine-office blob.store']],
  ['claim, answered', 'job-orchestrator', 'task.claim', ['api-gateway POST /v2/jobs', 'job-orchestrator dispatch.invite', 'import-service task.claim', 'job-orchestrator task.claim']],
  ['report, answered', 'job-orchestrator', 'task.report', ['api-gateway POST /v2/jobs', 'job-orchestrator dispatch.invite', 'import-service task.run', 'import-service task.report', 'job-orchestrator task.report']],
  ['publication of a fact', 'job-orchestrator', 'relay.publish', ['api-gateway POST /v2/jobs', 'job-orchestrator relay.publish']],
  ['webhook', 'webhook-dispatcher', 'webhook.send', ['api-gateway POST /v2/jobs', 'webhook-dispatcher webhook.send']],
])('%s', (_, service, name, expected) => {
  expect(called(name, service).map((span) => pathTo(span))).toContainEqual(expected);
});

it('a task of two steps runs under one span for each, named after its engine', () => {
  const runs = called('task.run').sort((a, b) => a.startedAt - b.startedAt);
  expect(runs.map(({ attributes }) => [attributes['millrace.operation'], attributes['millrace.step'], attributes['millrace.engine.name'], attributes['millrace.outcome']])).toEqual([
    ['import/url', 0, expect.any(String), 'finished'],
    ['convert', 0, 'libreoffice', 'finished'],
    ['convert', 1, 'poppler', 'finished'],
    ['convert', 0, 'sharp', 'finished'],
    ['export/url', 0, expect.any(String), 'finished'],
  ]);
});

it('each append of a report is inside that report', () => {
  const reports = called('task.report', 'job-orchestrator');
  expect(reports).toHaveLength(5);
  for (const report of reports) expect(called('job-log.append').some(({ parentSpanId }) => parentSpanId === report.spanId)).toBe(true);
});

it('requests of customers begin traces, probes and polls do not', () => {
  const roots = receiver.spans.filter(({ parentSpanId }) => parentSpanId === '').map(({ service, name }) => `${service} ${name}`);
  expect(roots.length).toBeGreaterThan(0);
  expect([...new Set(roots)].filter((root) => !root.startsWith('api-gateway GET /v2/jobs/:id'))).toEqual([]);
});

it('the receiver of the webhook can go on with the trace', () => {
  const [send] = called('webhook.send');
  expect(send).toMatchObject({ kind: 3, failed: false, attributes: { 'http.response.status_code': 200 } });
  expect(customer.seen.find(({ method }) => method === 'POST')!.headers['traceparent']).toBe(`00-${TRACE}-${send!.spanId}-01`);
});

it('programs are told by name and exit code, and nothing that a customer sent is told', () => {
  expect(called('process.exec').map(({ attributes }) => attributes)).toContainEqual(expect.objectContaining({ 'process.executable.name': expect.stringMatching(/^pdf/), 'process.exit.code': 0 }));
  const everything = JSON.stringify(receiver.spans);
  expect(everything).not.toContain(SECRET);
  expect(everything).not.toContain('page.txt');
});

it('without a variable that asks for it nothing of OpenTelemetry is loaded', () => {
  const loaded = (env: Record<string, string>): string[] => {
    const lib = path.resolve(__dirname, '../../dist/libs/foundation/telemetry/src/index.js');
    const code = `require(${JSON.stringify(lib)}).startTelemetry({ service: 'x' }); console.log(JSON.stringify(Object.keys(require.cache).filter((file) => file.includes('@opentelemetry')))); process.exit()`;
    return JSON.parse(execFileSync(process.execPath, ['-e', code], { env, encoding: 'utf8' })) as string[];
  };
  expect(loaded({})).toEqual([]);
  expect(loaded({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_SDK_DISABLED: 'true' })).toEqual([]);
  expect(loaded({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_TRACES_EXPORTER: 'none' })).toEqual([]);
  expect(loaded({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }).length).toBeGreaterThan(0);
});
