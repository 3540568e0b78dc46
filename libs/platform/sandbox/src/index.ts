export { createSandbox, type SandboxOptions } from './create-sandbox';
export type { Bind, ExceededLimit, RunLimits, RunOptions, RunResult, RunSpec, Sandbox } from './spec';
