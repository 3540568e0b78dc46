// Ends the servers that test files noted in the folder of the run, then removes it.
// Here and not in the test files: 'exit' is never told to the process object that a test sees.
const { existsSync, readdirSync, rmSync } = require('node:fs');

const alive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

module.exports = async () => {
  const folder = process.env.MILLRACE_TEST_RUN_DIR;
  if (!existsSync(folder)) return;
  const pids = readdirSync(folder).flatMap((name) => (name.startsWith('pid-') ? [Number(name.slice(4))] : []));
  for (const pid of pids) if (alive(pid)) process.kill(pid, 'SIGQUIT');
  while (pids.some(alive)) await new Promise((resolve) => setTimeout(resolve, 20));
  rmSync(folder, { recursive: true, force: true });
};
