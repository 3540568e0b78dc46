export * from './fault-point';
export * from './key';
export * from './load-config';
export * from './secret';
export * from './units';
export * from './values';
export * from './clock';
export * from './open-telemetry';
