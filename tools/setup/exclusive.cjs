const { createHash } = require('node:crypto');
const { readFileSync, rmSync, writeFileSync } = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { SetupError } = require('./setup-error.cjs');

const WAIT_MS = 15 * 60_000;
const LOOK_EVERY_MS = 200;

const sleep = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** pid of the holder; 0 when it has just gone, or is about to write its pid. */
function holderOf(file) {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return 0;
    throw error;
  }
}

function take(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  const holder = holderOf(file);
  if (holder > 0 && !isAlive(holder)) rmSync(file, { force: true });
  return false;
}

/** Runs `work` while no other process runs its own for this checkout: `npm run up` and `npm test` may be started together. */
function exclusively(root, log, work) {
  const file = path.join(os.tmpdir(), `millrace-setup-${process.getuid()}-${createHash('sha256').update(root).digest('hex').slice(0, 12)}`);
  const until = Date.now() + WAIT_MS;
  for (let told = false; !take(file); sleep(LOOK_EVERY_MS)) {
    if (!told) log('waiting for another command that sets up this checkout');
    told = true;
    if (Date.now() > until) throw new SetupError(`Another command has been setting up this checkout for too long. If none is: rm ${file}`);
  }
  try {
    return work();
  } finally {
    rmSync(file, { force: true });
  }
}

module.exports = { exclusively };
