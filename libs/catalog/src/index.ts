export { Catalog, createCatalog, type CatalogSettings } from './catalog';
export type { ContentEncoding, EngineDeclaration, OperationDeclaration, OperationEntry, Plan, PlannedContent, Pool } from './declaration';
export { canonicalFormat } from './fields';
