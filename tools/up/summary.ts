import type { Proof } from './sample';
import type { Installation } from './service-env';
import type { State } from './state';
import { tlsAdvice } from './tls-advice';

/** What is printed when all is ready. */
export function summary({ baseUrl, publicUrl, dataDir, tls }: Installation, state: State, proof: Proof | undefined, ms: number): string {
  const seconds = (value: number): string => `${(value / 1000).toFixed(1)} s`;
  return [
    '',
    `Millrace is ready after ${seconds(ms)}.`,
    '',
    `  base URL    ${baseUrl}/v2${publicUrl === baseUrl ? '' : `  (public: ${publicUrl}/v2)`}`,
    `  API key     ${state.apiKey}`,
    `  data        ${dataDir.root}`,
    ...(proof ? [`  conversion  sample.png to ${proof.filename}, ${proof.bytes} bytes, in ${proof.ms} ms`] : []),
    ...(tls ? ['', ...tlsAdvice(tls)] : []),
    '',
    '  npm run status shows each process, npm run logs what they say.',
    '',
  ].join('\n');
}
