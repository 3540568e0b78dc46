export { archivetoolEngine } from './archivetool-engine';
