export * from './certificates';
export * from './openssl';
export * from './tls-files';
