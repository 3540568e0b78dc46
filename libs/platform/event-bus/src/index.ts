export * from './nats-config';
export * from './nats-permissions';
