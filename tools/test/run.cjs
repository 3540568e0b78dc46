const { spawn } = require('node:child_process');

const running = new Set();

/** Runs a program with its output passed through, in a process group of its own; resolves with its exit code, or 'timeout'. */
function run(program, args, { cwd, env, timeoutMs }) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'inherit', 'inherit'], detached: true });
    running.add(child);
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      killGroup(child, 'SIGKILL');
    }, timeoutMs);
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      running.delete(child);
      killGroup(child, 'SIGKILL');
      resolve(late ? 'timeout' : (code ?? signal));
    });
  });
}

/** Signals the child and everything it started that is still in its group. */
function killGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** Ends what `run` started and is still there. */
function stopRunning() {
  for (const child of running) killGroup(child, 'SIGKILL');
}

module.exports = { run, stopRunning };
