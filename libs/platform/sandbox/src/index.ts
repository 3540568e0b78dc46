export { createSandbox, type SandboxOptions } from './create-sandbox';
export type { Bind, ExceededLimit, LongRunSpec, RunLimits, RunOptions, RunResult, RunSpec, Sandbox, SandboxProcess } from './spec';
