export { sharpEngine } from './sharp-engine';
