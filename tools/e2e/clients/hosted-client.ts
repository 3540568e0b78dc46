import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Stack } from '../../testing/stack';

const HTTPS = 443;
const PATIENCE_MS = 90_000;

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs Node programs whose hosts are hard-coded, so that they reach a stack that serves TLS and cannot tell. With port 443 they get a hosts file of
 * their own; without, their connections are led to the stack's port. The authority is trusted by NODE_EXTRA_CA_CERTS, as a customer would do it.
 */
export class HostedClients {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'millrace-clients-'));
  private readonly tls: NonNullable<Stack['at']['tls']>;
  private readonly hosts = path.join(this.folder, 'hosts');

  constructor(private readonly stack: Stack) {
    if (!stack.at.tls) throw new Error('the stack serves no TLS');
    this.tls = stack.at.tls;
    writeFileSync(this.hosts, ['127.0.0.1 localhost', ...this.tls.names.map((name) => `${this.tls.host} ${name}`), ''].join('\n'));
  }

  /** How the hosts are led to the stack. */
  get way(): 'a hosts file of their own' | 'connections led to another port' {
    return this.tls.port === HTTPS ? 'a hosts file of their own' : 'connections led to another port';
  }

  /** Runs a script to its end. @throws Error when it lasts longer than a minute and a half. */
  run(script: string, args: readonly string[], { cwd = this.folder, env = {} }: { cwd?: string; env?: Readonly<Record<string, string>> } = {}): Promise<Ended> {
    const [program, ...before] = this.command();
    const child = spawn(program!, [...before, script, ...args], {
      cwd,
      env: { PATH: process.env['PATH'], HOME: this.folder, NODE_EXTRA_CA_CERTS: this.tls.ca, CLOUDCONVERT_API_KEY: this.stack.apiKey, MILLRACE_HOSTS: JSON.stringify(this.tls), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        child.kill('SIGKILL');
        reject(new Error(`${script} ${args.join(' ')} does not end:\n${stdout}${stderr}`));
      }, PATIENCE_MS);
      child.once('error', reject);
      child.once('close', (code) => {
        clearTimeout(late);
        resolve({ code, stdout, stderr });
      });
    });
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private command(): string[] {
    if (this.tls.port !== HTTPS) return [process.execPath, '--require', path.join(__dirname, 'lead-connections.cjs')];
    return ['bwrap', '--dev-bind', '/', '/', '--ro-bind', this.hosts, '/etc/hosts', '--die-with-parent', process.execPath];
  }
}
