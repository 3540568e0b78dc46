import type { Stack } from '../testing/stack';
import { processes, treeOf } from './proc';

const NAMES = ['api-gateway', 'job-orchestrator', 'import-service', 'engine-ffmpeg', 'engine-office', 'export-service', 'webhook-dispatcher', 'postgres', 'nats'];

function taken(stack: Stack): Map<string, number> {
  const all = processes();
  const of = (pid: number | undefined) => (pid === undefined ? 0 : treeOf(pid, all).reduce((sum, { cpuMs }) => sum + cpuMs, 0));
  const count = (name: string) => Math.max(1, stack.at.services.filter((service) => service.name === name).length);
  const sum = (name: string) => Array.from({ length: count(name) }, (_, index) => of(stack.pidOf(name, index))).reduce((a, b) => a + b);
  return new Map([...NAMES.map((name) => [name, sum(name)] as const), ['(this client)', all.find(({ pid }) => pid === process.pid)!.cpuMs]]);
}

/** Starts to count; the answer gives, a line for each process with its children, the processor time since then over `count`. */
export function cpuByProcess(stack: Stack): (count: number) => string {
  const before = taken(stack);
  return (count) =>
    [...taken(stack)]
      .map(([name, ms]) => ({ name, each: (ms - before.get(name)!) / count }))
      .toSorted((a, b) => b.each - a.each)
      .map(({ name, each }) => `  ${name.padEnd(20)} ${each.toFixed(2)}`)
      .join('\n');
}
