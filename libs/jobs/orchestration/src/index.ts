export * from './claim-desk';
export * from './dispatcher';
export * from './leader-loop';
export * from './ports';
export * from './relay';
export * from './report-desk';
export * from './sweeper';
export { runOrchestrator } from './service/run-orchestrator';
export { openOrchestration, type OrchestrationParts, type OrchestrationSettings } from './service/parts';
