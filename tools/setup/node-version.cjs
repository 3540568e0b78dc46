const { engines } = require('../../package.json');
const { SetupError } = require('./setup-error.cjs');

const minimum = engines.node.replace(/^>=/, '');

/** Throws when the running Node is older than package.json's `engines.node`. */
function requireNode(version = process.versions.node) {
  const [wantMajor, wantMinor] = minimum.split('.').map(Number);
  const [major, minor] = version.split('.').map(Number);
  if (major > wantMajor || (major === wantMajor && minor >= wantMinor)) return;
  throw new SetupError(`Node ${minimum} or newer is needed, this is ${version}. See https://nodejs.org/en/download`);
}

module.exports = { requireNode };
