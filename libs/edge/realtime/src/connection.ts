import type { Socket } from 'socket.io';

/** What a connection is, with the parts that are not in the types of Engine.IO. */
export type Connection = Socket['conn'];
interface Inside {
  readonly writeBuffer: readonly unknown[];
  readonly transport: { readonly socket?: { readonly bufferedAmount: number; terminate(): void } };
  close(discard: boolean): void;
}
const inside = (connection: Connection): Inside => connection as unknown as Inside;

/** Counts what waits for the other side to read it. */
export class Unsent {
  /** Bytes of the messages that were not handed to the websocket yet. */
  #waiting = 0;

  constructor(private readonly connection: Connection) {
    connection.on('packetCreate', ({ data }: { data?: string | Buffer }) => {
      if (data !== undefined) this.#waiting += Buffer.byteLength(data);
    });
    connection.on('flush', () => {
      this.#waiting = 0;
    });
  }

  /** Messages that were not handed to the websocket yet. */
  get messages(): number {
    return inside(this.connection).writeBuffer.length;
  }

  /** Bytes, those included that the websocket keeps until the network takes them. */
  get bytes(): number {
    return this.#waiting + (inside(this.connection).transport.socket?.bufferedAmount ?? 0);
  }
}

/** Ends a connection at once, with all that waits for it: nobody waits until the other side reads, or agrees to close. */
export function sever(connection: Connection): void {
  const { socket } = inside(connection).transport;
  inside(connection).close(true);
  socket?.terminate();
}
