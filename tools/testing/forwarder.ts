import { connect, createServer, type Server, type Socket } from 'node:net';

/** Passes connections to `address` on to a port of our own loopback, as a service that listens there would take them; and can be cut. */
export class Forwarder {
  private readonly sockets = new Set<Socket>();
  private server: Server | undefined;

  private constructor(
    private readonly address: string,
    private readonly target: number,
    /** Chosen by the system; stays over cuts. */
    public port: number,
  ) {}

  static async start(address: string, target: number): Promise<Forwarder> {
    const forwarder = new Forwarder(address, target, 0);
    await forwarder.restore();
    return forwarder;
  }

  /** Ends every connection; new ones are refused. */
  cut(): void {
    this.server?.close();
    for (const socket of this.sockets) socket.destroy();
  }

  async restore(): Promise<void> {
    const server = createServer((outside) => this.forward(outside));
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(this.port, this.address, resolve));
    this.port = (server.address() as { port: number }).port;
    this.server = server;
  }

  private forward(outside: Socket): void {
    const inside = connect(this.target, '127.0.0.1');
    for (const [from, to] of [[outside, inside], [inside, outside]] as const) {
      this.sockets.add(from);
      from.on('error', () => to.destroy()).once('close', () => this.sockets.delete(from) && to.destroy()).pipe(to);
    }
  }
}
