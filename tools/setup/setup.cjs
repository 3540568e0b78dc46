// What both commands need on a machine where nothing was installed by hand. Plain JavaScript on Node alone: it runs before node_modules exists.
const path = require('node:path');
const { compile } = require('./compile.cjs');
const { exclusively } = require('./exclusive.cjs');
const { installNativeTools } = require('./native-tools.cjs');
const { requireNode } = require('./node-version.cjs');
const { installPackages } = require('./packages.cjs');
const { SetupError } = require('./setup-error.cjs');

const root = path.resolve(__dirname, '../..');

/** Brings this checkout to the state "everything installed and built", with the native tools of `tier`; throws with the remedy in its message. */
function setUp(log, tier = 'core') {
  requireNode();
  exclusively(root, log, () => {
    installNativeTools(tier, log);
    installPackages(root, log);
    compile(root, log);
  });
}

module.exports = { SetupError, root, setUp };
