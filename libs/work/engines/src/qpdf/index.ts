export { decrypted } from './decrypt';
export { qpdfEngine } from './qpdf-engine';
