import path from 'node:path';
import { migrate } from '@millrace/database';
import { httpReady } from './health';
import { natsProcess, postgresProcess, type ProcessHooks } from './infrastructure';
import { rotate } from './log-file';
import { ManagedProcess } from './managed-process';
import { identify } from './process-identity';
import { writeRecord, type RecordedProcess } from './process-record';
import { waitUntilReady } from './readiness';
import { serviceEnv, type Installation } from './service-env';
import { StoreWatch } from './store-watch';
import { tlsStatus } from './tls';

const WATCH_MS = 1_000;
const ROTATE_MS = 5_000;

export interface SupervisorOptions {
  readonly installation: Installation;
  /** Where `status` and `down` find what runs. */
  readonly recordFile: string;
  readonly tell: (text: string) => void;
  /** Breaks a start off. */
  readonly signal: AbortSignal;
  readonly backoff?: ProcessHooks['backoff'];
}

/** Starts everything in order, keeps it running, and stops it in the reverse order. */
export class Supervisor {
  private readonly postgres: ManagedProcess;
  private readonly nats: ManagedProcess;
  private readonly services: readonly ManagedProcess[];
  private readonly ports = new Map<ManagedProcess, number>();
  private readonly watch: StoreWatch;
  private readonly timers: NodeJS.Timeout[] = [];
  /** pid of the nats-server whose folders are being watched. */
  private watched: number | undefined;

  constructor(private readonly options: SupervisorOptions) {
    const { installation, backoff } = options;
    const hooks = { changed: () => this.record(), backoff };
    this.postgres = postgresProcess(installation, hooks);
    this.nats = natsProcess(installation, hooks);
    this.watch = new StoreWatch(installation.dataDir.nats);
    let others = 0;
    this.services = installation.settings.services.flatMap((service) =>
      Array.from({ length: service.count }, (_, index) => {
        const port = service.gateway ? installation.ports.gateway(index) : installation.ports.other(others++);
        const entry = service.entry ?? path.join(installation.settings.checkout, 'dist/apps', service.name, 'src/main.js');
        const managed = new ManagedProcess({
          ...hooks,
          name: service.name,
          index,
          command: () => ({ program: process.execPath, args: [entry], env: serviceEnv(service, { index, port }, installation), cwd: installation.dataDir.run }),
          logFile: path.join(installation.dataDir.logs, `${service.name}-${index}.log`),
          healthy: () => httpReady(port),
        });
        this.ports.set(managed, port);
        return managed;
      }),
    );
  }

  /** @throws NotReady, or the reason of the signal that broke it off. What was started by then is stopped by `stop`. */
  async start(): Promise<void> {
    const { tell, signal, installation } = this.options;
    this.timers.push(setInterval(() => this.rotateLogs(), ROTATE_MS), setInterval(() => void this.watchStore(), WATCH_MS));
    this.postgres.start();
    this.nats.start();
    await waitUntilReady([this.postgres, this.nats], { tell, signal });
    const steps = await migrate(installation.postgresUrl);
    if (steps.length > 0) tell(`migrated: ${steps.join(', ')}`);
    for (const service of this.services) service.start();
    await waitUntilReady(this.services, { tell, signal });
  }

  /** Services first, so that what they still have to say is heard. */
  async stop(): Promise<void> {
    this.timers.forEach(clearInterval);
    await Promise.all(this.services.map((service) => service.stop()));
    await this.nats.stop();
    await this.postgres.stop();
  }

  private get all(): readonly ManagedProcess[] {
    return [this.postgres, this.nats, ...this.services];
  }

  private record(): void {
    const { installation, recordFile } = this.options;
    const { baseUrl, dataDir, ports, postgresUrl, natsUrl, tls } = installation;
    const rows = this.all.map((each): RecordedProcess => ({ name: each.name, index: each.index, restarts: each.restarts, healthPort: this.ports.get(each), ...each.identity }));
    writeRecord(recordFile, {
      supervisor: identify(process.pid)!,
      baseUrl,
      dataDir: dataDir.root,
      postgres: { url: postgresUrl, port: ports.postgres },
      nats: { url: natsUrl, port: ports.nats, storeDir: dataDir.nats },
      ...(tls && { tls: tlsStatus(tls) }),
      processes: rows,
    });
  }

  private rotateLogs(): void {
    for (const { logFile } of this.all) rotate(logFile);
  }

  private async watchStore(): Promise<void> {
    const { pid } = this.nats;
    if (pid === undefined) return;
    if (this.watched !== pid) {
      if (!(await this.nats.healthy())) return;
      this.watch.reset();
      this.watched = pid;
    } else if (this.watch.vanished()) {
      console.error(`${new Date().toISOString()} nats-0 has lost its store; starting it again`);
      this.watched = undefined;
      await this.nats.restart();
    }
  }
}
