import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createTestDatabase, type TestDatabase } from '@millrace/testing';
import { type RunningGateway, startGateway } from './testing/running-gateway';
import { formBytes } from './testing/upload-form';

const MB = 1024 * 1024;

/** Sends a form with a file of argv[2] MB, written as it is read; in a process of its own, so that only the gateway's memory is measured. */
const CLIENT = `
const [url, megabytes, headers, head, tail] = JSON.parse(process.argv[1]);
const chunk = Buffer.alloc(${MB}, 7);
const request = require('node:http').request(url, { method: 'POST', headers }, (response) => {
  response.resume().on('end', () => { process.stdout.write(String(response.statusCode)); });
});
(async () => {
  request.write(Buffer.from(head, 'base64'));
  for (let i = 0; i < megabytes; i += 1) if (!request.write(chunk)) await require('node:events').once(request, 'drain');
  request.end(Buffer.from(tail, 'base64'));
})();
`;

let database: TestDatabase;
let gateway: RunningGateway;
beforeAll(async () => {
  database = await createTestDatabase();
  gateway = await startGateway(database.url);
}, 60_000);
afterAll(async () => {
  await gateway.stop();
  await database.drop();
});

async function upload(megabytes: number): Promise<{ id: string; status: string }> {
  const { data } = (await gateway.call('POST', '/v2/import/upload', {})).json;
  const { head, tail, contentType } = formBytes(data.result.form.parameters);
  const headers = { 'content-type': contentType, 'content-length': head.length + megabytes * MB + tail.length };
  const client = spawn(process.execPath, ['-e', CLIENT, JSON.stringify([`${gateway.url}/storage/tasks`, megabytes, headers, head.toString('base64'), tail.toString('base64')])]);
  let status = '';
  client.stdout.on('data', (text) => (status += text));
  await once(client, 'close');
  return { id: data.id, status };
}

it('takes a file of 300 MB with less than 64 MB of memory', async () => {
  expect((await upload(32)).status).toBe('201');
  const before = process.memoryUsage.rss();
  let peak = before;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20);
  const { id, status } = await upload(300);
  clearInterval(watch);
  expect(status).toBe('201');
  expect((await gateway.call('GET', `/v2/tasks/${id}`)).json.data.result.files).toEqual([{ filename: 'in.png', size: 300 * MB }]);
  expect((peak - before) / MB).toBeLessThan(64);
}, 120_000);
