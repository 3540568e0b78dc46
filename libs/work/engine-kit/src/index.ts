export * from './context';
export * from './engine';
export * from './fake-context';
export * from './files';
