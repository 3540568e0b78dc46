// The programs that the distribution provides: found in the usual folders, installed by apt when that needs nobody's password.
const { accessSync, constants, existsSync } = require('node:fs');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const { SetupError } = require('./setup-error.cjs');
const { tiers, test } = require('./tools.cjs');

// Debian keeps nats-server in /usr/sbin, which is not on the PATH of an ordinary user.
const folders = [...(process.env.PATH ?? '').split(path.delimiter).filter(Boolean), '/usr/local/sbin', '/usr/sbin', '/sbin'];

/** Absolute path of an executable, or undefined. */
function findProgram(name) {
  return folders.map((folder) => path.join(folder, name)).find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const missingPackages = (tier) => (tier === 'test' ? test : tiers[tier]).filter(({ program, file }) => (program ? !findProgram(program) : !existsSync(file))).map(({ pkg }) => pkg);

const succeeds = (program, args) => spawnSync(program, args, { stdio: 'ignore' }).status === 0;

/** Words that put a command under root's rights without asking for a password, or undefined. */
function rootPrefix() {
  if (process.getuid() === 0) return [];
  return succeeds('sudo', ['-n', 'true']) ? ['sudo', '-n'] : undefined;
}

/** The one line that a person with root's rights runs. */
const installLine = (packages) =>
  `sudo sh -c 'apt-get update && apt-get install -y --no-install-recommends ${packages.join(' ')}'`;

// Debian starts a daemon as soon as its package is unpacked. This machine's nats-server is started by `npm run up`, and Swift by tests, with
// configurations of their own, so that apt is told "no" (policy-rc.d) and units that were enabled anyway are disabled.
const script = (packages) => `
set -e
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\\nexit 101\\n' > "$policy"
  chmod 755 "$policy"
fi
apt-get -o Acquire::Retries=3 update
apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 install -y --no-install-recommends ${packages.join(' ')}
if [ -d /run/systemd/system ]; then
  for unit in $(dpkg -L ${packages.join(' ')} | sed -n 's#.*/\\(nats-server\\|swift-[a-z-]*\\)\\.service$#\\1#p' | sort -u); do systemctl disable --now "$unit"; done
fi
`;

/** Installs what is missing of a tier; throws with the line to run when it may not. */
function installNativeTools(tier, log) {
  const packages = missingPackages(tier);
  if (packages.length === 0) return;
  const prefix = rootPrefix();
  if (!prefix || !findProgram('apt-get')) {
    throw new SetupError(`Missing on this machine: ${packages.join(', ')}. Run this line, then start again:\n\n  ${installLine(packages)}\n`);
  }
  log(`installing ${packages.join(', ')} by apt`);
  const [program, ...args] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'sh', '-c', script(packages)];
  const { status } = spawnSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const left = missingPackages(tier);
  if (status !== 0 || left.length > 0) {
    throw new SetupError(`apt could not install ${(left.length > 0 ? left : packages).join(', ')}. Its output is above; by hand:\n\n  ${installLine(packages)}\n`);
  }
}

module.exports = { findProgram, installLine, installNativeTools };
