export { exiftoolEngine } from './exiftool-engine';
