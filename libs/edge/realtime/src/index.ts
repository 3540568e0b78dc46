export * from './realtime.module';
export { Realtime } from './realtime';
