const { existsSync, readFileSync } = require('node:fs');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const { SetupError } = require('./setup-error.cjs');

const read = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;

/**
 * Whether node_modules is what package-lock.json asks for. npm writes node_modules/.package-lock.json as its last act, so that
 * an interrupted installation counts as none, and one made by hand counts.
 */
function isInstalled(root) {
  const record = path.join(root, 'node_modules/.package-lock.json');
  if (!existsSync(record)) return false;
  const installed = read(record);
  const same = (name, wanted) => installed[name]?.version === wanted.version && installed[name]?.integrity === wanted.integrity;
  const wanted = Object.entries(read(path.join(root, 'package-lock.json'))).filter(([name]) => name !== '');
  return wanted.every(([name, entry]) => same(name, entry) || (!installed[name] && (entry.optional || entry.devOptional || entry.peer)));
}

/** Runs `npm ci` unless node_modules is up to date. */
function installPackages(root, log) {
  if (isInstalled(root)) return;
  log('npm ci');
  const { status } = spawnSync('npm', ['ci', '--no-fund', '--no-audit'], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new SetupError('npm ci failed; its output is above.');
}

module.exports = { installPackages, isInstalled };
