/** People who use the service, round after round, until they are told to stop. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Site } from '@tintype/faults';
import { errands } from './errands.js';
import { makePictures } from './pictures.js';
import { Visitor } from './visitor.js';

export interface TrafficOptions {
  /** Milliseconds between the end of an errand and the next one of the same person. Default: 200. */
  readonly pauseMs?: number;
  /** How many people there are. Default: 3. */
  readonly people?: number;
}

export class Traffic {
  /** What was not as it should be, which is nothing while nothing is broken. */
  readonly complaints: string[] = [];
  /** How often each errand was run to its end. */
  readonly done: Record<string, number> = Object.fromEntries(Object.keys(errands).map((name) => [name, 0]));
  readonly #stopping = new AbortController();
  #stopped: Promise<unknown> = Promise.resolve();

  private constructor() {}

  static async start(site: Site, { pauseMs = 200, people = 3 }: TrafficOptions = {}): Promise<Traffic> {
    const traffic = new Traffic();
    const pictures = await makePictures();
    const web = createServer(({ url }, response) => {
      response.writeHead(url === '/photo' ? 200 : 404).end(url === '/photo' ? pictures.jpeg : undefined);
    });
    await once(web.listen(0, '127.0.0.1'), 'listening');
    const { receiver } = site;
    if (!receiver) throw new Error('the site has nobody who takes webhooks');
    const { signal } = traffic.#stopping;
    const surroundings = {
      visitor: new Visitor(() => site.apis.url, signal),
      pictures,
      receiver,
      web: `http://127.0.0.1:${(web.address() as AddressInfo).port}`,
    };
    const names = Object.keys(errands);
    let next = 0;
    const person = async (): Promise<void> => {
      while (!signal.aborted) {
        const number = next++;
        const name = names[number % names.length] ?? '';
        await errands[name]?.({ ...surroundings, round: Math.floor(number / names.length) }).then(
          () => (traffic.done[name] = (traffic.done[name] ?? 0) + 1),
          (error: Error) => signal.aborted || traffic.complaints.push(`${name}: ${error.message}`),
        );
        await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      }
    };
    const all = Array.from({ length: people }, person);
    traffic.#stopped = Promise.all(all).finally(() => {
      web.closeAllConnections();
      web.close();
    });
    return traffic;
  }

  /** In the middle of whatever they do. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#stopped;
  }
}
