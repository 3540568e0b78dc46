/**
 * Stands in for the command line client where that is not installed: the same arguments, and the same way to use its SDK. It makes the job with the
 * process first and the uploads last, is told the end by the socket alone, and fetches without following redirects.
 */
const { createReadStream, createWriteStream } = require('node:fs');
const https = require('node:https');
const path = require('node:path');
const { pipeline } = require('node:stream/promises');
const { parseArgs } = require('node:util');
const CloudConvert = require('cloudconvert-2');

/** `-p.width=100` is an option of the task. */
const isOption = (arg) => arg.startsWith('-p.');
const options = Object.fromEntries(
  process.argv.filter(isOption).map((arg) => {
    const [, name, value] = /^-p\.([^=]+)=(.*)$/.exec(arg);
    return [name, /^\d+$/.test(value) ? Number(value) : value];
  }),
);
const { values, positionals } = parseArgs({
  args: process.argv.slice(2).filter((arg) => !isOption(arg)),
  allowPositionals: true,
  options: { format: { type: 'string', short: 'f' }, outputdir: { type: 'string', default: '.' }, sandbox: { type: 'boolean', default: false } },
});
const [command, ...files] = positionals;
const client = new CloudConvert(process.env.CLOUDCONVERT_API_KEY, values.sandbox);

const fetchTo = (url, file) =>
  new Promise((resolve, reject) => {
    https.get(url, (response) => pipeline(response, createWriteStream(file, { flags: 'wx' })).then(resolve, reject)).on('error', reject);
  });

async function run() {
  if (command === 'minutes') {
    process.stdout.write(`Conversion minutes: ${(await client.users.me()).credits}\n`);
    return;
  }
  const uploads = Object.fromEntries(files.map((_, index) => [`upload-${index}`, { operation: 'import/upload' }]));
  const operation = { operation: command, output_format: values.format ?? { merge: 'pdf', thumbnail: 'png' }[command], ...options, input: Object.keys(uploads) };
  const job = await client.jobs.create({ tasks: { process: operation, export: { operation: 'export/url', input: 'process' }, ...uploads } });
  client.jobs.subscribeEvent(job.id, 'finished', async (event) => {
    for (const { filename, url } of event.job.tasks.filter((task) => task.operation === 'export/url').flatMap((task) => task.result.files)) await fetchTo(url, path.join(values.outputdir, filename));
    client.socket.close();
    process.stdout.write('Done!\n');
  });
  client.jobs.subscribeTaskEvent(job.id, 'failed', ({ task }) => process.stderr.write(`Task \`${task.name}\` failed: ${task.message} (Code: ${task.code})\n`));
  client.jobs.subscribeEvent(job.id, 'failed', () => {
    client.socket.close();
    process.exitCode = 1;
  });
  for (const [index, task] of job.tasks.filter((each) => each.operation === 'import/upload').entries()) await client.tasks.upload(task, createReadStream(files[index]));
}

run().catch((error) => {
  const { message, code } = error.response?.data ?? error;
  process.stderr.write(`API Error: ${message} (Code: ${code})\n`);
  process.exit(1);
});
