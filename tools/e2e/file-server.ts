import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Answers one request whose body was read. */
export type Respond = (request: SeenRequest, response: ServerResponse) => void;

/** A web server of a customer on 127.0.0.1, which remembers what it was asked. */
export class FileServer {
  private constructor(
    private readonly server: Server,
    readonly url: string,
    readonly seen: readonly SeenRequest[],
  ) {}

  static async start(respond: Respond): Promise<FileServer> {
    const seen: SeenRequest[] = [];
    const server = createServer((message, response) => void answer(message, response, respond, seen));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new FileServer(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen);
  }

  /** Ends all its connections too. */
  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

async function answer(message: IncomingMessage, response: ServerResponse, respond: Respond, seen: SeenRequest[]): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const request = { method: message.method!, path: message.url!, headers: message.headers, body: Buffer.concat(chunks) };
  seen.push(request);
  respond(request, response);
}

/** Serves these files by path, each with its type; everything else is 404. */
export const serveFiles = (files: Readonly<Record<string, Buffer>>): Respond => ({ path }, response) => {
  const file = files[path];
  if (!file) return void response.writeHead(404).end();
  response.writeHead(200, { 'content-length': file.length }).end(file);
};
