// A TCP proxy that loses answers, like a network that fails at the worst moment.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** The answer to a successful transaction: to COMMIT in PostgreSQL, to the writing script in Redis. */
const isAnswerOfCommit = (chunk: Buffer): boolean => chunk.includes('COMMIT\0') || chunk.includes('OK\r\n');

/** The request that commits a reservation. */
const isCommit = (chunk: Buffer): boolean =>
  chunk.includes('COMMIT\0') || chunk.includes('"state":"committed"');

export class TcpProxy {
  readonly port: number;
  /** The share of answers to a commit that are lost, with their connection. */
  share = 0;
  /** No answer to a commit gets through, and no new connection. */
  isBlocked = false;
  /** The next commit is held back until {@link deliver}, its client is cut off, and the proxy is blocked. */
  holdsNextCommit = false;
  /** The number of cut connections. */
  cuts = 0;
  readonly #close: () => Promise<void>;
  #held: (() => void) | undefined;

  private constructor(port: number, close: () => Promise<void>) {
    this.port = port;
    this.#close = close;
  }

  static async start(target: number): Promise<TcpProxy> {
    const sockets = new Set<Socket>();
    const server = createServer((client) => proxy.#join(client, connect(target, '127.0.0.1'), sockets));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = new TcpProxy((server.address() as AddressInfo).port, async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    });
    return proxy;
  }

  close(): Promise<void> {
    return this.#close();
  }

  /** Whether a commit is held back. */
  get holds(): boolean {
    return this.#held !== undefined;
  }

  /** Delivers the commit that was held back to the server. */
  deliver(): void {
    this.#held?.();
    this.#held = undefined;
  }

  #join(client: Socket, server: Socket, sockets: Set<Socket>): void {
    const cut = () => {
      this.cuts++;
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
    }
    if (this.isBlocked) {
      cut();
      return;
    }
    let isHeld = false;
    client.on('data', (chunk) => {
      if (this.holdsNextCommit && isCommit(chunk)) {
        this.holdsNextCommit = false;
        // Immediately, or the client would reconnect and repeat its commit.
        this.isBlocked = true;
        isHeld = true;
        this.#held = () => server.write(chunk);
        client.destroy();
      } else server.write(chunk);
    });
    server.on('data', (chunk) => {
      if (isAnswerOfCommit(chunk) && (this.isBlocked || Math.random() < this.share)) cut();
      else if (!isHeld) client.write(chunk);
    });
    client.on('close', () => {
      if (!isHeld) server.destroy();
    });
    server.on('close', () => client.destroy());
  }
}
