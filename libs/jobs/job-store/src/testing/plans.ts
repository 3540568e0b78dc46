import { randomUUID } from 'node:crypto';
import type { TaskPlan } from '@millrace/job-domain';
import type { Creation, Links } from '..';

/** Links for tests: nothing is signed. */
export const PLAIN_LINKS: Links = {
  publicUrl: 'http://millrace.test',
  storageUrl: 'http://millrace.test',
  download: (task, file) => `http://millrace.test/storage/${task}/${file.name}`,
  archive: (task) => `http://millrace.test/storage/${task}/archive.zip`,
  uploadForm: (task) => ({ url: 'http://millrace.test/storage', parameters: { key: `${task}/\${filename}` } }),
};

/** A task for one engine; `steps: []` waits for an upload. */
export const plan = (over: Partial<TaskPlan> = {}): TaskPlan => ({
  id: randomUUID(),
  name: 'task',
  operation: 'fault',
  options: {},
  inputs: [],
  steps: [{ engine: 'sharp', version: 'any' }],
  ignoreError: false,
  timeoutMs: 60_000,
  retryOf: null,
  ...over,
});

/** A creation of a job of `tasks`. */
export const creation = (tasks: readonly TaskPlan[], over: Partial<Creation> = {}): Creation => ({
  id: randomUUID(),
  kind: 'job',
  account: 1000,
  apiKey: null,
  tag: null,
  webhookUrl: null,
  region: 'local',
  priority: 0,
  tasks,
  ...over,
});
