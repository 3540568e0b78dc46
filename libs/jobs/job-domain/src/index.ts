export * from './command';
export { decide, type Decide, type Decided } from './decide';
export { evolve, fold } from './evolve';
export { readiness } from './progress';
export * from './references';
export * from './rules';
export { claimVerdict, isCurrent, stoppedRuns } from './run';
export * from './state';
export * from './timers';
