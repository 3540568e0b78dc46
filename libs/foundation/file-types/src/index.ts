export { sniff, SNIFF_BYTES, type FileType } from './sniff';
export { compoundFormat, ENCRYPTED, type ReadAt } from './containers/compound-root';
export { mimeOf, extOf } from './mime';
export { cleanFilename } from './filename';
export { uniqueFilenames } from './unique-names';
export { contentDisposition } from './disposition';
export * from './head-tap';
