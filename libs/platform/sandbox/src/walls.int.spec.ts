import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createSandbox, type RunSpec, type Sandbox } from './index';

const LIMITS = { wallMs: 20_000, outputBytes: 1_000_000, openFiles: 256, processes: 64, memoryBytes: 500_000_000 };

let dir: string;
let sandbox: Sandbox;
let server: Server;
let hits: number;
beforeAll(async () => {
  sandbox = await createSandbox({ mode: 'bwrap' });
  server = createServer((socket) => {
    hits += 1;
    socket.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  hits = 0;
  dir = mkdtempSync(path.join(os.tmpdir(), 'sandbox-'));
  for (const name of ['in', 'out', 'neighbour']) mkdirSync(path.join(dir, name));
  writeFileSync(path.join(dir, 'in/file'), 'mine');
  writeFileSync(path.join(dir, 'neighbour/file'), 'another task');
});
afterEach(() => rmSync(dir, { recursive: true }));

const at = (name: string) => path.join(dir, name);
const shell = (script: string, more: Partial<RunSpec> = {}) =>
  sandbox.run({ argv: ['sh', '-c', script], ro: [{ from: at('in') }], rw: [{ from: at('out') }], limits: LIMITS, ...more });
const node = (script: string) => sandbox.run({ argv: [process.execPath, '-e', script], ro: [], rw: [], limits: LIMITS });

describe('a jailed program', () => {
  it('sees its own files and no others', async () => {
    const { stdout } = await shell(`cat ${at('in/file')}; for f in /etc/passwd /etc/shadow ${at('neighbour/file')} ${__filename} /root /home /sys; do ls $f && echo SEEN; done`);
    expect(stdout).toBe('mine');
    expect(readFileSync('/etc/passwd', 'utf8')).not.toBe('');
  });

  it('writes to its own folders and nowhere else', async () => {
    const { stdout } = await shell(`echo a > ${at('out/a')} && echo b > /tmp/b && echo written
      for f in ${at('in/x')} ${at('in/file')} ${at('neighbour/x')} /usr/x /etc/x /dev/x /x; do (echo bad > $f) && echo BAD; done; rm -f ${at('in/file')}; echo lost > ${at('x')}`);
    expect(stdout).toBe('written\n');
    // The last one lands in the jail's own /tmp.
    expect([readdirSync(at('out')), readdirSync(at('neighbour')), readdirSync(dir), readFileSync(at('in/file'), 'utf8')]).toEqual([['a'], ['file'], ['in', 'neighbour', 'out'], 'mine']);
  });

  it('gets no environment but what it is given', async () => {
    process.env['MILLRACE_TEST_CANARY'] = 'canary';
    try {
      const { stdout } = await shell('env; cat /proc/*/environ', { env: { GIVEN: 'yes' } });
      expect(stdout).toContain('GIVEN=yes');
      expect(stdout).not.toContain('canary');
    } finally {
      delete process.env['MILLRACE_TEST_CANARY'];
    }
  });

  it('reaches no network, not even loopback, nor a socket family outside the namespace', async () => {
    const { port } = server.address() as AddressInfo;
    const connect = `require('net').connect(${port}, '127.0.0.1').on('connect', () => console.log('CONNECTED')).on('error', (e) => console.log(e.code))`;
    expect((await node(connect)).stdout).toBe('ECONNREFUSED\n');
    expect(hits).toBe(0);
    const control = spawn(process.execPath, ['-e', connect], { stdio: 'ignore' });
    await once(control, 'exit');
    expect(hits).toBe(1);
  });

  it('has no rights and cannot get any', async () => {
    const { stdout } = await shell('grep -E "^(CapEff|CapBnd|NoNewPrivs|Seccomp):" /proc/self/status; unshare -U true || echo refused; mount -t tmpfs x /tmp || echo refused');
    expect(stdout.replace(/\s+/g, ' ')).toBe('CapEff: 0000000000000000 CapBnd: 0000000000000000 NoNewPrivs: 1 Seccomp: 2 refused refused ');
  });

  it('sees only the processes of its own jail and learns no host path from them', async () => {
    const other = spawn('sleep', ['4711'], { stdio: 'ignore' });
    try {
      const { stdout } = await shell('cat /proc/[0-9]*/cmdline | tr "\\0" " "', { rw: [{ from: at('out'), to: '/out' }] });
      expect(stdout).toContain('prlimit');
      expect(stdout).not.toMatch(new RegExp(`4711|${dir}`));
    } finally {
      other.kill('SIGKILL');
      await once(other, 'exit');
    }
  });

  it('gets a secret by descriptor 3, its input by 0, and holds no other', async () => {
    const { stdout } = await shell('read a; read b <&3; echo $a $b; for fd in /proc/self/fd/*; do readlink $fd; done', { stdin: 'in\n', secretsFd: 'secret\n' });
    const [first, ...links] = stdout.trim().split('\n');
    expect(first).toBe('in secret');
    expect(links.filter((link) => link !== '/dev/null' && !/^socket:/.test(link) && !/^\/proc\//.test(link))).toEqual([]);
  });
});
