import type { Response } from 'express';
import { once } from 'node:events';

/** How often something is sent where nothing happens, and how long a client may leave things unread. */
export interface EventStreamTimes {
  readonly heartbeatMs: number;
  readonly stallMs: number;
}

export interface StreamEvent {
  readonly id: number;
  readonly type: string;
  readonly data: object;
}

/** After how many milliseconds a client that lost its connection is to come again. */
const retryMs = 1000;

/**
 * An answer of Server-Sent Events. No more than one event is ever kept for a client that does not read: whoever sends waits for
 * it, and a client that takes nothing for too long is dropped. It can go on from the last event that it got.
 */
export class EventStream {
  readonly #closed = new AbortController();
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(
    private readonly response: Response,
    private readonly times: EventStreamTimes,
  ) {
    response.once('close', () => {
      clearInterval(this.#heartbeat);
      this.#closed.abort();
    });
  }

  /** Aborts when nothing can be sent any more. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  begin(): void {
    this.response.status(200).set({
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-cache',
      // nginx would keep events back until there are enough of them.
      'X-Accel-Buffering': 'no',
    });
    this.response.write(`retry: ${retryMs}\n\n`);
    this.#heartbeat = setInterval(() => this.#beat(), this.times.heartbeatMs);
  }

  /** Resolves when the next event may be sent. */
  async send({ id, type, data }: StreamEvent): Promise<void> {
    if (this.response.write(`id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`)) return;
    const stalled = setTimeout(() => this.response.destroy(), this.times.stallMs);
    // It rejects when the client has left.
    await once(this.response, 'drain', { signal: this.closed }).catch(() => undefined);
    clearTimeout(stalled);
  }

  end(): void {
    clearInterval(this.#heartbeat);
    this.response.end();
  }

  /** Ends it even if its client does not read. */
  abandon(): void {
    if (this.response.writableNeedDrain) this.response.destroy();
  }

  /** A comment, which keeps proxies from closing a connection that is idle. */
  #beat(): void {
    if (!this.response.writableNeedDrain) this.response.write(':\n\n');
  }
}
