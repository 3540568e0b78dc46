import { createCatalog } from '@millrace/catalog';
import { type Decide, decideWith } from '@millrace/job-domain';

/** The decider of the shipped processes: tasks whose inputs are there are routed by the catalog. The fault operations, which tests add, need no routes. */
export const decideByCatalog: Decide = decideWith(createCatalog({ faultEngine: false }).route);
