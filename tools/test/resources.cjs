const { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync } = require('node:fs');
const { randomBytes } = require('node:crypto');
const os = require('node:os');
const path = require('node:path');
const { root } = require('../setup/setup.cjs');

const letsOthersPass = (folder) => {
  const { mode } = statSync(folder);
  return (mode & 0o001) !== 0 && (folder === path.dirname(folder) || letsOthersPass(path.dirname(folder)));
};

/** A folder of this run's own. Postgres runs as another user than root, so that others must be able to pass through it. */
function temporaryFolder() {
  const parent = process.getuid() !== 0 || letsOthersPass(os.tmpdir()) ? os.tmpdir() : '/tmp';
  const folder = mkdtempSync(path.join(parent, 'millrace-test-'));
  chmodSync(folder, 0o711);
  mkdirSync(path.join(folder, 'tmp'));
  chmodSync(path.join(folder, 'tmp'), 0o1777);
  return { folder, tmp: path.join(folder, 'tmp'), remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) };
}

/** The one Postgres that all integration tests of a run share; each test file makes databases of its own in it. */
function sharedPostgres(folder) {
  const { startPostgres } = require(path.join(root, 'dist/tools/testing/postgres-server.js'));
  return startPostgres({ dataDir: path.join(folder, 'postgres'), password: randomBytes(16).toString('hex'), fsync: false });
}

/** The environment of every check: nothing phones home, no daemon stays, native tools outside an ordinary PATH are found. */
function environment(tmp) {
  return {
    ...process.env,
    PATH: `${process.env.PATH}:/usr/local/sbin:/usr/sbin:/sbin`,
    CI: 'true',
    NX_DAEMON: 'false',
    NX_TUI: 'false',
    NX_NO_CLOUD: 'true',
    DO_NOT_TRACK: '1',
    TMPDIR: tmp,
  };
}

module.exports = { environment, sharedPostgres, temporaryFolder };
