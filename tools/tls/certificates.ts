import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { issue, type Subject, subjectNames } from './issue';
import { type TlsFiles, tlsFiles } from './tls-files';

/** A certificate is made anew when it has less than this left, ms. */
const RENEW_MS = 60 * 24 * 3_600_000;

/** An address in the one spelling that makes it comparable. */
const spelled = (name: string): string => (isIP(name) === 0 ? name : ipaddr.parse(name).toNormalizedString());

/** `DNS:a, IP Address:b` as a set of names. */
const namesIn = (certificate: X509Certificate): Set<string> => new Set((certificate.subjectAltName ?? '').split(', ').map((entry) => spelled(entry.replace(/^(?:DNS|IP Address):/, ''))));

/** Why the kept certificate cannot be used, or undefined when it can. */
function staleness(files: TlsFiles, subject: Subject, now: number): string | undefined {
  if (![files.ca, files.bundle, files.certificate, files.key].every((file) => existsSync(file))) return 'there was none';
  const ca = new X509Certificate(readFileSync(files.ca));
  const certificate = new X509Certificate(readFileSync(files.certificate));
  if (!certificate.verify(ca.publicKey) || !certificate.checkPrivateKey(createPrivateKey(readFileSync(files.key)))) return 'its files did not belong together';
  if (Math.min(Date.parse(certificate.validTo), Date.parse(ca.validTo)) - now < RENEW_MS) return 'the last one was about to expire';
  const { dns, ips } = subjectNames(subject);
  const wanted = new Set([...dns, ...ips].map(spelled));
  const covered = namesIn(certificate);
  return wanted.size === covered.size && [...wanted].every((name) => covered.has(name)) ? undefined : 'its names have changed';
}

/**
 * The certificates in `folder`: the kept ones while they fit, else new ones, whose authority clients have to trust anew.
 * Answers the reason when they were made.
 * @throws OpensslError
 */
export async function ensureCertificates(folder: string, subject: Subject, now: number = Date.now()): Promise<{ files: TlsFiles; renewed: string | undefined }> {
  const files = tlsFiles(folder);
  const renewed = staleness(files, subject, now);
  if (renewed === undefined) return { files, renewed };
  const draft = tlsFiles(`${folder}.new`);
  rmSync(draft.folder, { recursive: true, force: true });
  mkdirSync(draft.folder, { mode: 0o755 });
  await issue(draft, subject);
  rmSync(folder, { recursive: true, force: true });
  renameSync(draft.folder, folder);
  return { files, renewed };
}
