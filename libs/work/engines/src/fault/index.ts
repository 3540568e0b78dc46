export { faultEngine } from './fault-engine';
