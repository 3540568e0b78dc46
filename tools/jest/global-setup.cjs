// A folder for the run: what a test file starts for all its tests (its Postgres) lies there and is noted there.
const { mkdtempSync, chmodSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');

module.exports = () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-jest-'));
  chmodSync(folder, 0o755);
  process.env.MILLRACE_TEST_RUN_DIR = folder;
};
