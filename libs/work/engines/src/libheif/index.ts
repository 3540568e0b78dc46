export { libheifEngine } from './libheif-engine';
