export * from './heartbeat';
export * from './persist';
export * from './ports';
export * from './task-run';
export * from './task-runner';
export * from './worker';
