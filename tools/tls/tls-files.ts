import path from 'node:path';

/** The files of a TLS folder. */
export interface TlsFiles {
  readonly folder: string;
  /** The certificate that clients are to trust. */
  readonly ca: string;
  /** The same behind the authorities that Node trusts, for clients whose variable replaces their own list. */
  readonly bundle: string;
  readonly certificate: string;
  /** Mode 0600. */
  readonly key: string;
}

export const tlsFiles = (folder: string): TlsFiles => ({
  folder,
  ca: path.join(folder, 'ca.pem'),
  bundle: path.join(folder, 'bundle.pem'),
  certificate: path.join(folder, 'server.pem'),
  key: path.join(folder, 'server-key.pem'),
});
