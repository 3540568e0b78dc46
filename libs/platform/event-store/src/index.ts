export * from './append';
export * from './event';
export * from './log-reader';
export * from './read-stream';
