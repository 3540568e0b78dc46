export { down } from './command-down';
export { logs } from './command-logs';
export { status } from './command-status';
export { tool } from './command-tool';
export { up } from './command-up';
