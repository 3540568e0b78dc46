/**
 * Uses the official SDK, whichever version is named, as its README does; writes what it saw as one line of JSON.
 * node sdk.cjs '{"sdk":"cloudconvert","scenario":"convert",...}'
 */
const { createReadStream, createWriteStream } = require('node:fs');
const https = require('node:https');
const path = require('node:path');
const { pipeline } = require('node:stream/promises');

const asked = JSON.parse(process.argv[2]);
const CloudConvert = require(asked.sdk);
const newClient = (key = process.env.CLOUDCONVERT_API_KEY) => new CloudConvert(key, asked.sandbox === true, asked.region ?? null);
const client = newClient();

/** Fetches as the command line client does: no redirects. */
const fetchTo = (url, file) =>
  new Promise((resolve, reject) => {
    https.get(url, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${url} answered ${response.statusCode}`));
      else pipeline(response, createWriteStream(file)).then(resolve, reject);
    }).on('error', reject);
  });

/** Subscribes, and answers the first of these events that comes. */
const firstEvent = (from, job, ...names) =>
  new Promise((resolve) => {
    for (const name of names) from.jobs.subscribeEvent(job, name, (event) => resolve({ name, job: event.job }));
  });

const convertJob = () => ({
  tag: 'sdk',
  tasks: {
    'import-it': { operation: 'import/upload' },
    'convert-it': { operation: 'convert', input: 'import-it', output_format: asked.format, ...asked.options },
    'export-it': { operation: 'export/url', input: 'convert-it' },
  },
});

const uploadTo = (job) => client.tasks.upload(job.tasks.find(({ operation }) => operation === 'import/upload'), createReadStream(asked.file), path.basename(asked.file));
const statusOf = (error) => error.cause?.status ?? error.response?.status;

const scenarios = {
  /** Subscribes before it uploads; waits on the sync host too; fetches the result; subscribes again when all is over. */
  async convert() {
    const job = await client.jobs.create(convertJob());
    const told = firstEvent(client, job.id, 'finished', 'failed');
    const updates = [];
    for (const name of ['created', 'updated', 'finished', 'failed']) client.jobs.subscribeTaskEvent(job.id, name, (event) => updates.push([event.task.name, name]));
    await uploadTo(job);
    const [event, waited] = await Promise.all([told, client.jobs.wait(job.id)]);
    for (const { filename, url } of client.jobs.getExportUrls(event.job)) await fetchTo(url, path.join(asked.output, filename));
    const latecomer = newClient();
    const late = await firstEvent(latecomer, job.id, 'finished', 'failed');
    const read = await client.jobs.get(job.id);
    const listed = await client.jobs.all({ 'filter[tag]': 'sdk' });
    await client.jobs.delete(job.id);
    const gone = await client.jobs.get(job.id).then(() => 'still there', statusOf);
    latecomer.closeSocket();
    return { created: job, event, waited, late, read, isListed: listed.some(({ id }) => id === job.id), updates, gone };
  },

  /** A file that is none: the job fails. */
  async fail() {
    const job = await client.jobs.create(convertJob());
    const failedTask = new Promise((resolve) => client.jobs.subscribeTaskEvent(job.id, 'failed', ({ task }) => task.name === 'convert-it' && resolve(task)));
    const told = firstEvent(client, job.id, 'finished', 'failed');
    await uploadTo(job);
    return { event: await told, task: await failedTask, waited: await client.jobs.wait(job.id) };
  },

  /** Tasks without a job, and who we are. */
  async tasks() {
    const me = await client.users.me();
    const upload = await client.tasks.create('import/upload', { name: 'upload-test' });
    const told = new Promise((resolve) => client.tasks.subscribeEvent(upload.id, 'finished', ({ task }) => resolve(task)));
    await client.tasks.upload(upload, createReadStream(asked.file), path.basename(asked.file));
    const event = await told;
    const convert = await client.tasks.create('convert', { input: upload.id, output_format: asked.format });
    const waited = await client.tasks.wait(convert.id);
    const cancelled = await client.tasks.cancel((await client.tasks.create('import/upload', {})).id);
    await client.tasks.delete(upload.id);
    const gone = await client.tasks.get(upload.id).then(() => 'still there', statusOf);
    return { me, event, waited, cancelled, gone };
  },

  /** What is refused, and how the SDK shows it. */
  async refusals() {
    const stranger = newClient('not-a-key');
    const said = async (call) => call.then(() => ({ message: 'no error' }), (error) => ({ message: error.message, status: statusOf(error) }));
    return {
      key: await said(stranger.users.me()),
      body: await said(client.jobs.create({ tasks: {} })),
      missing: await said(client.jobs.get('0b6f3c2e-1c1a-4a55-9a51-0d6a1f7f6c11')),
    };
  },
};

scenarios[asked.scenario]().then(
  (seen) => {
    client.closeSocket();
    process.stdout.write(`${JSON.stringify(seen)}\n`);
  },
  (error) => {
    process.stderr.write(`${error.stack}\n${JSON.stringify(error.response?.data ?? {})}\n`);
    process.exit(1);
  },
);
