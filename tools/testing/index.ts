export * from './nats';
export * from './postgres-server';
export * from './test-database';
export * from './virtual-clock';
export * from '../tls';
