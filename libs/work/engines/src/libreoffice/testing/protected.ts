import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createSandbox } from '@millrace/sandbox';
import { OFFICE_LIMITS } from '../office-process';

/** Writes the text to each format with a password, by the driver's own bridge. */
const PROGRAM = `
import sys
sys.path.insert(0, sys.argv[1])
import uno
from com.sun.star.beans import NamedValue
from office import Office, properties

def named(name, value):
    pair = NamedValue()
    pair.Name, pair.Value = name, value
    return pair

root, password = sys.argv[2], sys.argv[3]
office = Office("/usr/lib/libreoffice/program", root)

def write():
    ooxml = uno.Any("[]com.sun.star.beans.NamedValue", (named("CryptoType", "Standard"), named("OOXPassword", password)))
    document = office.desktop.loadComponentFromURL("file://%s/in/a.fodt" % root, "_blank", 0, properties(Hidden=True))
    for ending, target in (
        ("odt", {"FilterName": "writer8", "Password": password}),
        ("doc", {"FilterName": "MS Word 97", "Password": password}),
        ("docx", {"FilterName": "MS Word 2007 XML", "EncryptionData": ooxml}),
    ):
        document.storeToURL("file://%s/out/a.%s" % (root, ending), properties(**target))
    document.close(True)

office.in_main_thread(write)
office.finish()
`;

/** The text `fodt` as documents that only `password` opens, by extension. */
export async function protectedCopies(fodt: Buffer, password: string): Promise<Record<string, Buffer>> {
  const root = mkdtempSync(path.join(os.tmpdir(), 'protected-'));
  try {
    for (const name of ['in', 'out', 'profile', 'tmp']) mkdirSync(path.join(root, name));
    writeFileSync(path.join(root, 'in/a.fodt'), fodt);
    const driver = path.join(__dirname, '../driver');
    const sandbox = await createSandbox({ mode: 'bwrap' });
    const { exitCode, stderr } = await sandbox.run({
      argv: ['/usr/bin/python3', '-B', '-c', PROGRAM, driver, root, password],
      env: { HOME: root },
      ro: [{ from: '/etc/libreoffice' }, { from: driver }],
      rw: [{ from: root }],
      limits: { ...OFFICE_LIMITS, wallMs: 60_000 },
    });
    if (exitCode !== 0) throw new Error(stderr);
    return Object.fromEntries(['odt', 'doc', 'docx'].map((ending) => [ending, readFileSync(path.join(root, `out/a.${ending}`))]));
  } finally {
    rmSync(root, { recursive: true });
  }
}
