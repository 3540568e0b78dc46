export { popplerEngine } from './poppler-engine';
