export * from './download-desk';
export * from './files.module';
export * from './upload-desk';
