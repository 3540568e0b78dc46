export { libreofficeEngine } from './libreoffice-engine';
