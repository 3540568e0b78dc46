import { checkBlobStore } from './blob-store-check';
import { detach, isDetached, tellParent } from './detach';
import { makeDataDir } from './data-dir';
import { ensureKey, proveOnce } from './first-run';
import { lockFileOf, planInstallation, recordFileOf } from './installation';
import { dataDirOf, Refusal, type Invocation } from './invocation';
import { AlreadyRunning, takeLock } from './lock';
import { endLeftovers } from './process-record';
import { NotReady } from './readiness';
import { readSettings, type Settings, variablesOf } from './settings';
import { SERVICES, type ServiceSpec } from './services';
import { stopRequest } from './stop-request';
import { summary } from './summary';
import { Supervisor } from './supervisor';

const INTERRUPTED = 130;

/** Tests run another set of services, as JSON. */
const services = (): readonly ServiceSpec[] => {
  const other = process.env['MILLRACE_TEST_SERVICES'];
  return other ? (JSON.parse(other) as ServiceSpec[]) : SERVICES;
};

function settingsOf({ checkout, values }: Invocation): Settings {
  const text = (name: string): string | undefined => values[name] as string | undefined;
  const flags = { port: text('port'), host: text('host'), dataDir: text('data-dir'), publicUrl: text('public-url'), key: text('key'), tls: values['tls'] as boolean | undefined, tlsPort: text('tls-port'), tlsHost: text('tls-host'), tlsNames: text('tls-names'), scale: values['scale'] as string[] | undefined };
  return readSettings(checkout, flags, variablesOf(checkout, process.env), services());
}

/** Runs until it is told to stop; answers the exit code. */
export async function up(invocation: Invocation): Promise<number> {
  const settings = settingsOf(invocation);
  const dataDir = dataDirOf(invocation);
  makeDataDir(dataDir, settings.checkout);
  if (invocation.values['detach'] && !isDetached()) return detach(dataDir);
  const tell = (text: string): void => {
    console.log(`[up] ${text}`);
    tellParent({ progress: text });
  };
  let release: () => void;
  try {
    release = takeLock(lockFileOf(dataDir), dataDir.root);
  } catch (error) {
    throw error instanceof AlreadyRunning ? new Refusal(error.message) : error;
  }
  try {
    await endLeftovers(recordFileOf(dataDir));
    return await run(invocation, settings, tell);
  } finally {
    release();
  }
}

async function run(invocation: Invocation, settings: Settings, tell: (text: string) => void): Promise<number> {
  const dataDir = dataDirOf(invocation);
  const started = Date.now();
  const stop = stopRequest();
  const installation = await planInstallation(settings, dataDir, tell);
  await checkBlobStore(installation);
  const recordFile = recordFileOf(dataDir);
  // Something that nobody foresaw must not end the one that keeps all the others running.
  for (const name of ['uncaughtException', 'unhandledRejection'] as const) process.on(name, (error) => console.error(name, error));
  const supervisor = new Supervisor({ installation, recordFile, tell, signal: stop.signal });
  try {
    await supervisor.start();
    const state = await ensureKey(installation);
    const proof = invocation.values['no-sample'] ? undefined : await proveOnce(installation, state);
    const text = summary(installation, state, proof, Date.now() - started);
    console.log(text);
    tellParent({ ready: text });
    await stop.requested;
  } catch (error) {
    if (!stop.signal.aborted) throw error instanceof NotReady ? new Refusal(error.message) : error;
    return INTERRUPTED;
  } finally {
    tell('stopping');
    await supervisor.stop();
    await endLeftovers(recordFile);
    tell('stopped');
  }
  return 0;
}
