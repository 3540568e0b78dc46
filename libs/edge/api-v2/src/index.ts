export * from './api-v2.module';
export * from './gateway';
export * from './listen';
export * from './settings';
