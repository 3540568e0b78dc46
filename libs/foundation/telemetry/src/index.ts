export * from './log-fields';
export * from './logger';
export * from './nest-logger';
export * from './redact';
export * from './trace-context';
export * from './health-server';
export * from './span';
export * from './start-telemetry';
