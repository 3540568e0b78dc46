export * from './api-v2';
export * from './commands';
export * from './error-codes';
export * from './events';
export * from './files';
export * from './lists';
export * from './secret';
export * from './subjects';
