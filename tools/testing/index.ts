export * from './nats';
export * from './postgres-server';
export * from './socket-client';
export * from './swift/swift';
export * from './test-database';
export * from './tls-client';
export * from './virtual-clock';
export * from '../tls';
