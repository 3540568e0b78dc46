import { readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { TestInstallation } from './testing/installation';
import { until } from './until';

jest.setTimeout(60_000);

describe('npm run up', () => {
  let installation: TestInstallation;

  beforeEach(() => {
    installation = new TestInstallation();
  });

  afterEach(() => installation.remove());

  const started = async (...flags: string[]): Promise<ReturnType<TestInstallation['start']>> => {
    const running = installation.start(['up', '--no-sample', ...flags]);
    const ready = await until(() => running.output().includes('Millrace is ready') || running.child.exitCode !== null, 50_000);
    if (!ready || running.child.exitCode !== null) throw new Error(running.output());
    return running;
  };

  const mode = (file: string): number => statSync(path.join(installation.dataDir, file)).mode & 0o777;

  it('runs all, says what runs, and leaves nothing after Ctrl-C', async () => {
    const { child, output, finished } = await started();
    const status = await installation.status();
    expect(Object.keys(status)).toEqual(['baseUrl', 'apiKey', 'dataDir', 'services', 'postgres', 'nats']);
    expect(status.services.map(({ name, healthy, restarts }) => ({ name, healthy, restarts }))).toEqual([
      { name: 'api-gateway', healthy: true, restarts: 0 },
      { name: 'api-gateway', healthy: true, restarts: 0 },
      { name: 'engine-ffmpeg', healthy: true, restarts: 0 },
    ]);
    expect(status.dataDir).toBe(installation.dataDir);
    expect(Object.keys(status.postgres)).toEqual(['url', 'pid']);
    expect(Object.keys(status.nats)).toEqual(['url', 'pid', 'storeDir']);
    expect(output()).toContain(status.apiKey!);
    expect(output()).toContain(`${status.baseUrl}/v2`);
    expect((await fetch(`${status.baseUrl}/health/ready`)).status).toBe(200);
    child.kill('SIGINT');
    expect((await finished).code).toBe(0);
    expect(installation.processes()).toEqual([]);
  });

  it('keeps secrets from other users, and Postgres from root', async () => {
    await started();
    expect([mode('state.json'), mode('run/nats.conf'), mode('run/processes.json'), mode('postgres'), mode('nats'), mode('blobs')]).toEqual([0o600, 0o600, 0o600, 0o700, 0o700, 0o700]);
    const { postgres } = await installation.status();
    const uid = Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${postgres.pid}/status`, 'utf8'))![1]);
    expect(uid).not.toBe(0);
    expect(statSync(path.join(installation.dataDir, 'postgres')).uid).toBe(uid);
  });

  it('gives each service what it needs and no other secret', async () => {
    await started();
    const { services, postgres } = await installation.status();
    const environment = (pid: number): Record<string, string> => Object.fromEntries(readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean).map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
    const [first, second, worker] = services.map(({ pid }) => environment(pid!));
    expect([first!['INSTANCE'], second!['INSTANCE'], first!['NATS_USER'], worker!['NATS_USER']]).toEqual(['0', '1', 'gateway', 'media']);
    expect(Number(second!['PORT'])).toBe(Number(first!['PORT']) + 1);
    expect(first!['DATABASE_URL']).toBe(postgres.url);
    expect(Buffer.from(first!['MASTER_KEY']!, 'base64')).toHaveLength(32);
    for (const name of ['DATABASE_URL', 'MASTER_KEY', 'URL_SIGNING_SECRET']) expect(worker).not.toHaveProperty(name);
    expect(worker!['NATS_PASSWORD']).not.toBe(first!['NATS_PASSWORD']);
  });

  it('starts what dies again, with its children gone', async () => {
    await started();
    const { services, postgres } = await installation.status();
    process.kill(services[0]!.pid!, 'SIGKILL');
    process.kill(postgres.pid!, 'SIGKILL');
    const after = await installation.statusWhen((status) => status.services[0]!.restarts === 1 && status.services[0]!.healthy && status.postgres.pid !== null && status.postgres.pid !== postgres.pid);
    expect(after.services.slice(1).map(({ pid }) => pid)).toEqual(services.slice(1).map(({ pid }) => pid));
  });

  it('notices that the store of nats-server was removed', async () => {
    await started();
    const { nats } = await installation.status();
    rmSync(nats.storeDir, { recursive: true });
    const after = await installation.statusWhen((status) => status.nats.pid !== null && status.nats.pid !== nats.pid);
    expect(statSync(path.join(after.nats.storeDir, 'jetstream')).isDirectory()).toBe(true);
  });

  it('refuses to run twice in one data folder', async () => {
    const { child } = await started();
    const second = await installation.run(['up', '--no-sample']);
    expect(second).toEqual({ code: 1, output: expect.stringContaining(`is running already in ${installation.dataDir} (process ${child.pid})`) });
    expect((await installation.status()).services.every(({ healthy }) => healthy)).toBe(true);
  });

  it('is not stopped by what a killed supervisor left, and keeps key and data', async () => {
    const { child } = await started();
    const before = await installation.status();
    child.kill('SIGKILL');
    await started();
    const after = await installation.status();
    expect(after.apiKey).toBe(before.apiKey);
    expect(after.baseUrl).toBe(before.baseUrl);
    expect(after.services.map(({ healthy }) => healthy)).toEqual([true, true, true]);
    const old = new Set(before.services.map(({ pid }) => pid));
    expect(after.services.some(({ pid }) => old.has(pid))).toBe(false);
  });

  it('says what a service that does not start wrote, and stops the others', async () => {
    const { code, output } = await installation.run(['up', '--no-sample'], { FAULT_AT: 'start-of-engine-ffmpeg' });
    expect(code).toBe(1);
    expect(output).toMatch(/engine-ffmpeg-0 ended 5 times in a row[^]*fake: I never start/);
    expect(installation.processes()).toEqual([]);
  });

  it('with --tls, gives the first gateway a certificate and tells everybody how to trust it', async () => {
    const host = '127.77.0.9';
    const { child, output, finished } = await started('--tls', '--tls-host', host, '--tls-names', 'cloudconvert.com,convert.example.com');
    const { services, tls } = await installation.status();
    expect(tls).toEqual({ port: expect.any(Number), host, ca: path.join(installation.dataDir, 'tls/ca.pem'), names: expect.arrayContaining(['sync.api.cloudconvert.com', 'storage.convert.example.com']) });
    const [first, second] = services.map(({ pid }) => readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0'));
    expect(first).toEqual(expect.arrayContaining([`TLS_PORT=${tls!.port}`, `TLS_HOST=${host}`, `TLS_CERT_FILE=${path.join(installation.dataDir, 'tls/server.pem')}`, 'HOST_NAMES=cloudconvert.com,convert.example.com']));
    expect(second!.some((line) => line.startsWith('TLS_'))).toBe(false);
    expect(mode('tls/server-key.pem')).toBe(0o600);
    expect(output()).toMatch(new RegExp(`^ {4}${host.replaceAll('.', '\\.')} api\\.cloudconvert\\.com sync\\.api`, 'm'));
    expect(output()).toContain(`NODE_EXTRA_CA_CERTS=${tls!.ca}`);
    child.kill('SIGINT');
    await finished;
    const before = readFileSync(tls!.ca, 'utf8');
    await started('--tls', '--tls-host', host, '--tls-names', 'cloudconvert.com,convert.example.com');
    expect(readFileSync(tls!.ca, 'utf8')).toBe(before);
  });

  it('detached, returns when all is ready; down stops it', async () => {
    const { code, output } = await installation.run(['up', '--no-sample', '--detach']);
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('Millrace is ready') });
    expect((await installation.status()).services.every(({ healthy }) => healthy)).toBe(true);
    const logs = await installation.run(['logs', 'engine-ffmpeg']);
    expect(logs).toEqual({ code: 0, output: expect.stringContaining('fake: engine-ffmpeg is listening') });
    expect((await installation.run(['down'])).code).toBe(0);
    expect(installation.processes()).toEqual([]);
    expect((await installation.run(['status'])).code).toBe(3);
  });
});
