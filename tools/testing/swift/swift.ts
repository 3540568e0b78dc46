import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';

/** Debian's own: Swift is installed for no other. */
const PYTHON = '/usr/bin/python3';
const PROGRAM = path.join(__dirname, 's3-server.py');
const READY_MS = 60_000;

const ACCESS_KEY_ID = 'test:tester';
const SECRET_ACCESS_KEY = 'c3dpZnQtZm9yLXRlc3Rz';

/** An S3 server: OpenStack Swift with its S3 API, empty, in a temporary folder. */
export interface RunningSwift {
  /** `http://<address>:<port>` */
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly client: S3Client;
  createBucket(name: string): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/**
 * Starts Swift (Debian's swift-proxy, swift-account, swift-container, swift-object) on a free port of `address`.
 * @throws Error with what it said when it does not start.
 */
export async function startSwift({ address = '127.0.0.1' }: { readonly address?: string } = {}): Promise<RunningSwift> {
  const folder = await mkdtemp(path.join(tmpdir(), 'millrace-swift-'));
  // Its standard input is the leash: when this process dies, it ends.
  const child = spawn(PYTHON, [PROGRAM, folder, address, ACCESS_KEY_ID, SECRET_ACCESS_KEY], { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  let port: number;
  try {
    port = await ready(child);
  } catch (error) {
    await stop();
    throw error;
  }
  const endpoint = `http://${address}:${port}`;
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials: { accessKeyId: ACCESS_KEY_ID, secretAccessKey: SECRET_ACCESS_KEY }, requestChecksumCalculation: 'WHEN_REQUIRED' });
  return {
    endpoint,
    accessKeyId: ACCESS_KEY_ID,
    secretAccessKey: SECRET_ACCESS_KEY,
    client,
    createBucket: async (name) => void (await client.send(new CreateBucketCommand({ Bucket: name }))),
    stop: async () => {
      client.destroy();
      await stop();
    },
  };
}

function ready(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let said = '';
    const late = setTimeout(() => reject(new Error(`Swift did not start within ${READY_MS} ms:\n${said}`)), READY_MS);
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-10_000);
        const port = /^ready (\d+)$/m.exec(said)?.[1];
        if (port === undefined) return;
        clearTimeout(late);
        resolve(Number(port));
      });
    }
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(late);
      reject(new Error(`Swift ended with ${code}:\n${said}`));
    });
  });
}
