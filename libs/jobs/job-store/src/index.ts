export * from './changes';
export * from './command-handler';
export * from './job-commands';
export * from './job-log';
export * from './orchestration-store';
export * from './presenter';
export * from './resources';
export * from './rows';
