import { hostNames } from '@millrace/contracts';
import { ensureCertificates, type TlsFiles } from '../tls';
import { bindProblem } from './ports';
import { SettingsError } from './settings';

/** The port over TLS of one installation. */
export interface TlsPlan {
  readonly port: number;
  readonly host: string;
  readonly files: TlsFiles;
  /** Host names that clients find there once a hosts file says so. */
  readonly names: readonly string[];
  /** Why it is not the port that hard-coded clients use. */
  readonly not443?: string;
}

/** The same as `npm run status -- --json` shows it. */
export interface TlsStatus {
  readonly port: number;
  readonly host: string;
  /** File of the authority to trust. */
  readonly ca: string;
  readonly names: readonly string[];
}

const HTTPS = 443;
const OTHERWISE = 8443;

const WHY: Readonly<Record<string, string>> = { EACCES: 'this user may not bind it', EADDRINUSE: 'it is taken', EADDRNOTAVAIL: 'the machine has no such address' };
const reason = (code: string): string => WHY[code] ?? code;

async function choosePort(wanted: number | undefined, host: string): Promise<Pick<TlsPlan, 'port' | 'not443'>> {
  const problem = await bindProblem(wanted ?? HTTPS, host);
  if (problem === undefined) return { port: wanted ?? HTTPS };
  if (wanted !== undefined) throw new SettingsError(`--tls-port=${wanted} on ${host}: ${reason(problem)}.`);
  const other = await bindProblem(OTHERWISE, host);
  if (other !== undefined) throw new SettingsError(`--tls: neither port ${HTTPS} (${reason(problem)}) nor ${OTHERWISE} (${reason(other)}) can be used on ${host}. Name one with --tls-port.`);
  return { port: OTHERWISE, not443: reason(problem) };
}

/** Chooses the port and makes what certificates are missing. @throws SettingsError when no port can be bound, OpensslError. */
export async function planTls({ port, host }: { port?: number; host: string }, domains: readonly string[], folder: string, tell: (text: string) => void): Promise<TlsPlan> {
  const chosen = await choosePort(port, host);
  const { files, renewed } = await ensureCertificates(folder, { domains, address: host });
  if (renewed !== undefined) tell(`made a certificate authority of this installation, because ${renewed}: ${files.ca}`);
  return { ...chosen, host, files, names: domains.flatMap(hostNames) };
}

export const tlsStatus = ({ port, host, files, names }: TlsPlan): TlsStatus => ({ port, host, ca: files.ca, names });
