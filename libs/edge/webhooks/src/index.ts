export { WebhookDispatch, type DispatchSettings } from './dispatch';
export { runWebhooks } from './run-webhooks';
export { RETRY_WAITS_MS, send, type SenderSettings } from './send';
export { openWebhooks, type WebhookParts, type WebhookSettings, WebhooksModule } from './webhooks.module';
