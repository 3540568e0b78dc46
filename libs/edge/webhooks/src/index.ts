export { WebhookDispatch, type DispatchSettings } from './dispatch';
export { ownAddresses } from './own-addresses';
export { runWebhooks } from './run-webhooks';
export { RETRY_WAITS_MS, send, type SenderSettings } from './send';
export { SIGNATURE_HEADER, signatureOf } from './signature';
export { openWebhooks, type WebhookParts, type WebhookSettings, WebhooksModule } from './webhooks.module';
