// The table of docs/architecture.md ("a lib in ... may import ..."), written a second time and independently of the lint configuration.
const foundation = ['failures', 'config', 'telemetry', 'signing', 'file-types'];
const platform = ['database', 'event-store', 'event-bus', 'blob-store', 'sandbox', 'safe-fetch'];
const work = ['engine-kit', 'work-runtime', 'engines', 'connectors'];
const edge = ['access', 'api-v2', 'files', 'realtime', 'webhooks'];
const base = [...foundation, 'contracts'];
const pure = ['contracts', 'failures'];
const jobs = ['database', 'event-store', 'event-bus', 'blob-store', 'job-domain', 'catalog', ...base];

const each = (names, allowed) => Object.fromEntries(names.map((name) => [name, allowed]));

/** Project name -> the libs that it may import. */
const mayImport = {
  contracts: [],
  catalog: pure,
  'job-domain': pure,
  'engine-kit': pure,
  ...each(foundation, base),
  ...each(platform, base),
  'event-store': ['database', ...base],
  'job-store': jobs,
  orchestration: ['job-store', ...jobs],
  ...each(['work-runtime', 'engines', 'connectors'], ['event-bus', 'blob-store', 'sandbox', 'safe-fetch', 'catalog', ...work, ...base]),
  ...each(edge, ['job-store', 'catalog', 'access', ...platform, ...base]),
  ...each(
    ['api-gateway', 'job-orchestrator', 'import-service', 'engine-ffmpeg', 'engine-office', 'export-service', 'webhook-dispatcher'],
    ['orchestration', ...edge, ...work, ...base],
  ),
};

const pureProjects = ['contracts', 'catalog', 'job-domain', 'engine-kit'];

module.exports = { mayImport, pureProjects };
