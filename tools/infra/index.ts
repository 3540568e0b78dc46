export * from './postgres-cluster';
export * from './unprivileged';
