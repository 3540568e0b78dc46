export { decrypted } from './decrypt';
export { qpdfEngine } from './qpdf-engine';
export { qpdfVersion } from './program';
