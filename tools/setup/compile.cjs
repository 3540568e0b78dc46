const { createHash } = require('node:crypto');
const { existsSync, readFileSync, readdirSync, statSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const { SetupError } = require('./setup-error.cjs');

function* files(dir) {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const file = path.join(dir, entry.name);
    if (entry.isDirectory() && entry.name !== 'node_modules') yield* files(file);
    else if (/(?<!\.spec|\.d)\.ts$/.test(entry.name)) yield file;
  }
}

/** A hash over name, size and time of everything that dist is made of. */
function fingerprint(root) {
  const hash = createHash('sha256');
  const inputs = ['apps', 'libs', 'tools'].flatMap((top) => [...files(path.join(root, top))]);
  for (const file of [...inputs, path.join(root, 'tools/build/build.cjs'), path.join(root, 'tsconfig.base.json')].sort()) {
    const { mtimeMs, size } = statSync(file);
    hash.update(`${path.relative(root, file)} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

/** Compiles to dist/ unless the last complete build was of the very same sources. */
function compile(root, log) {
  const stamp = path.join(root, 'dist/.sources');
  const wanted = fingerprint(root);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  log('building');
  // Standard output belongs to the command that needs the build: it may be JSON for another program.
  const { status } = spawnSync(process.execPath, [path.join(root, 'tools/build/build.cjs')], { cwd: root, stdio: ['ignore', 2, 'inherit'] });
  if (status !== 0) throw new SetupError('The build failed; its output is above.');
  writeFileSync(stamp, wanted);
}

module.exports = { compile, fingerprint };
