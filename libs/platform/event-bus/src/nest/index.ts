export * from './bus-context';
export * from './jetstream-server';
export * from './pass-through.filter';
