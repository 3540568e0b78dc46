import { execFile } from 'node:child_process';

/** The program `openssl` is missing, too old, or refuses; the message says what to do, or its own words. */
export class OpensslError extends Error {
  override readonly name = 'OpensslError';
  /** Shown without a stack. */
  readonly forPeople = true;
}

/** Runs `openssl` with `input` on its standard input. @throws OpensslError */
export function openssl(args: readonly string[], input: string): Promise<void> {
  return new Promise((resolve, reject) => {
    // Only PATH: an OPENSSL_CONF of somebody else's is not for these certificates.
    const child = execFile('openssl', [...args], { env: { PATH: process.env['PATH'] } }, (error, _, stderr) => {
      if (!error) return resolve();
      const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      reject(new OpensslError(missing ? 'Certificates are made by the program openssl (3.0 or newer), which is not installed: apt-get install openssl.' : `openssl ${args[0]}: ${stderr.trim() || error.message}`));
    });
    // A program that ends early is told by its exit code; what it did not read is of no interest.
    child.stdin!.on('error', () => undefined).end(input);
  });
}
