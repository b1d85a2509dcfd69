/** Goes through examples as their reader does, from one to the next with the values that the answers have brought. */
import { eventually } from '@tintype/testing';
import { type Example, matchMessage, type Message, type ShownMessage } from './page.js';
import { Matcher, Mismatch, type Variables } from './pattern.js';
import type { Exchange, Ran } from './shell.js';
import type { Site } from './site.js';

/** A request that the page shows, and what it shows of the answer. */
export interface ShownExchange extends Exchange {
  readonly answer: Message;
  readonly shown: ShownMessage;
}

export class Session {
  #variables: Variables = {};
  /** What was as it is shown. */
  readonly shown: ShownExchange[] = [];

  constructor(private readonly site: Site) {}

  /** Rejects where something is not as it is shown. What only reads is asked for again until it is, as its reader would. */
  async follow(example: Example): Promise<void> {
    try {
      const failure = await eventually(() => this.#try(example), { everyMs: 100 });
      if (failure !== 'none') throw failure;
      for (const request of example.requests) await eventually(() => this.#received(request));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`Line ${example.line}: ${reason}\n${example.command}`, { cause: error });
    }
  }

  /** Rejects where another attempt may succeed. */
  async #try(example: Example): Promise<'none' | Error> {
    const ran = await this.site.run(example.command, this.#variables);
    try {
      this.#match(example.answers, ran);
      return 'none';
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error;
      if (ran.exchanges.length > 0 && ran.exchanges.every(({ method }) => method === 'GET')) throw error;
      return error;
    }
  }

  #match(shown: readonly ShownMessage[], { code, output, complaint, exchanges }: Ran): void {
    if (code !== 0) throw new Mismatch(`exit code ${code}: ${complaint}`);
    const exchange = exchanges.at(-1);
    if (shown.length === 0) return;
    if (!exchange) throw new Mismatch(`no request was made: ${output}`);
    const matcher = new Matcher(this.#variables);
    const answers = exchange.answers.slice(-shown.length);
    if (answers.length < shown.length) throw new Mismatch(`${answers.length} answers came`);
    for (const [index, answer] of answers.entries()) {
      const message = shown[index];
      if (message) matchMessage(matcher, this.#located(message), answer);
    }
    this.#variables = matcher.variables;
    const [answer, message] = [answers.at(-1), shown.at(-1)];
    if (answer && message) this.shown.push({ ...exchange, answer, shown: message });
  }

  /** One of the requests that the other server has got is as it is shown. */
  #received(shown: ShownMessage): boolean {
    const [start] = shown.start.split(' HTTP');
    const candidates = this.site.other.requests.filter((request) => request.start.startsWith(start ?? ''));
    let reason = new Mismatch(`nothing was posted to ${start}`);
    for (const request of candidates) {
      const matcher = new Matcher(this.#variables);
      try {
        matchMessage(matcher, this.#located(shown), request);
        this.#variables = matcher.variables;
        return true;
      } catch (error) {
        if (!(error instanceof Mismatch)) throw error;
        reason = error;
      }
    }
    throw reason;
  }

  #located({ start, headers, body }: ShownMessage): ShownMessage {
    return {
      start,
      headers: headers.map(([name, value]) => [name, this.site.located(value)] as const),
      body: body === undefined ? undefined : this.site.located(body),
    };
  }
}
