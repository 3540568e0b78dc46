export * from './download-desk';
export * from './files.module';
export * from './receive';
export * from './upload-desk';
