export * from './database';
export * from './database-failure';
export * from './leader-lease';
export * from './migrate';
export { MIGRATIONS } from './migrations';
