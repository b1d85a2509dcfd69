import { eventually } from '@tintype/testing';
import { JobEvent } from '../events/job-event.js';

export interface ReceivedEvent {
  readonly id: number;
  readonly type: string;
  readonly body: JobEvent;
}

/** Follows a job as an EventSource does, but does not connect again by itself. */
export class EventClient {
  readonly events: ReceivedEvent[] = [];
  /** Lines that an EventSource does not tell of: comments, and the time until it connects again. */
  readonly others: string[] = [];
  readonly #leaving: AbortController;
  #ended = false;
  #failure: unknown;

  private constructor(
    readonly answer: Response,
    leaving: AbortController,
  ) {
    this.#leaving = leaving;
    void this.#read().catch((error: unknown) => {
      this.#failure = error;
    });
  }

  /** `lastEventId` goes into the header. Rejects unless a stream begins. */
  static async open(url: string, lastEventId?: number): Promise<EventClient> {
    const leaving = new AbortController();
    const headers = { Accept: 'text/event-stream', ...(lastEventId !== undefined && { 'Last-Event-ID': String(lastEventId) }) };
    const answer = await fetch(url, { headers, signal: leaving.signal });
    if (answer.status !== 200) throw new Error(`no stream but ${answer.status}: ${await answer.text()}`);
    return new EventClient(answer, leaving);
  }

  /** As `job.running`, in their order. */
  get types(): string[] {
    return this.events.map(({ type }) => type);
  }

  get ids(): number[] {
    return this.events.map(({ id }) => id);
  }

  /** Resolves when so many events have come, or one of this type. */
  async got(what: number | string): Promise<void> {
    await eventually(() => (typeof what === 'number' ? this.events.length >= what : this.types.includes(what)));
  }

  /** Resolves when the server has ended the stream as it should; rejects when it broke off. */
  async end(): Promise<void> {
    await eventually(() => this.#ended || this.#failure !== undefined);
    if (!this.#ended) throw this.#failure;
  }

  get ended(): boolean {
    return this.#ended;
  }

  leave(): void {
    this.#leaving.abort();
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of this.answer.body ?? []) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) this.#receive(block);
    }
    this.#ended = true;
  }

  #receive(block: string): void {
    const event = /^id: (\d+)\nevent: (\S+)\ndata: (\{.*\})$/.exec(block);
    if (!event) {
      this.others.push(block);
      return;
    }
    const [, id, type = '', data = ''] = event;
    this.events.push({ id: Number(id), type, body: JobEvent.parse(JSON.parse(data)) });
  }
}
