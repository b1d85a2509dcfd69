/** Clients that go on submitting small jobs and asking for them, and remember all that went wrong: none of them tries anything again. */
import { setTimeout as sleep } from 'node:timers/promises';
import { samples } from '@tintype/testing';
import { ingress } from './site.js';
import { isFinal, type Job, type JobRequest, Tintype, UnexpectedAnswer } from './tintype.js';

export interface Fault {
  /** When the request was sent, in seconds since the load began. */
  readonly at: number;
  /** Of the answer; undefined when there was none. */
  readonly status: number | undefined;
  readonly what: string;
}

export interface LoadReport {
  /** Jobs that were answered with 202. */
  readonly accepted: number;
  /** Of those: the ones that completed, with the right bytes. */
  readonly completed: number;
  /** The others, and what became of them. */
  readonly lost: readonly string[];
  readonly faults: readonly Fault[];
}

const clients = 4;
/** Between two requests of a client, and after one that failed. */
const pauseMs = 50;
const pauseAfterFaultMs = 500;
const picture = await samples.icon(32);
const job: JobRequest = {
  outputs: [{ name: 'small', format: 'png', operations: [{ operation: 'resize', width: 16 }, { operation: 'negate' }] }],
};
/** Before the work and after it. */
const calmMs = 2_000;
/** For a job to end, whatever is restarted meanwhile. */
const settleMs = 120_000;

export class Load {
  readonly #faults: Fault[] = [];
  /** Of every accepted job: what is known of its end. */
  readonly #fates = new Map<string, string>();
  readonly #started = performance.now();
  readonly #loops: Promise<void>[];
  #stopping = false;

  private constructor(private readonly expected: Buffer) {
    // Half of them use their connections again, half open one for each request; half wait for the end of a job, half poll.
    this.#loops = Array.from({ length: clients }, (_, index) => this.#client(index % 2 === 0, index < clients / 2 ? 5 : 0));
  }

  /** Before, during and after the work, on a service that works when it begins. */
  static async during(work: (load: Load) => Promise<void>): Promise<LoadReport> {
    const tintype = new Tintype(ingress());
    const load = new Load(await resultOf(await tintype.finished(await tintype.submit(picture, job)), tintype));
    tintype.site.close();
    await sleep(calmMs);
    try {
      await work(load);
      await sleep(calmMs);
    } finally {
      await load.#stop();
    }
    return load.#report();
  }

  /** Seconds since it began. */
  get seconds(): number {
    return Math.round((performance.now() - this.#started) / 100) / 10;
  }

  /** Resolves when every client has seen the end of its job. */
  async #stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#loops);
  }

  #report(): LoadReport {
    const lost = [...this.#fates].filter(([, fate]) => fate !== 'completed').map(([id, fate]) => `${id}: ${fate}`);
    return { accepted: this.#fates.size, completed: this.#fates.size - lost.length, lost, faults: this.#faults };
  }

  async #client(keepAlive: boolean, waitSeconds: number): Promise<void> {
    const tintype = new Tintype(ingress({ keepAlive }));
    while (!this.#stopping) {
      const accepted = await this.#noting(() => tintype.submit(picture, job));
      if (accepted) await this.#follow(accepted.id, tintype, waitSeconds);
      await sleep(pauseMs);
    }
    tintype.site.close();
  }

  /** Until its result is there. */
  async #follow(id: string, tintype: Tintype, waitSeconds: number): Promise<void> {
    const giveUpAt = performance.now() + settleMs;
    let fate = 'not heard of again';
    while (performance.now() < giveUpAt) {
      const now = await this.#noting(() => tintype.find(id, waitSeconds));
      fate = now?.error ? `${now.status} with ${now.error.code}` : (now?.status ?? fate);
      this.#fates.set(id, fate);
      if (now && isFinal(now) && now.status !== 'completed') return;
      const result = now?.status === 'completed' && (await this.#noting(() => resultOf(now, tintype)));
      if (result) {
        this.#fates.set(id, result.equals(this.expected) ? 'completed' : 'completed with other bytes');
        return;
      }
      await sleep(pauseMs);
    }
    this.#fates.set(id, `${fate}, ${settleMs / 1000} s after it was accepted`);
  }

  /** Undefined after a fault, which is remembered. */
  async #noting<T>(request: () => Promise<T>): Promise<T | undefined> {
    const at = this.seconds;
    try {
      return await request();
    } catch (error) {
      const status = error instanceof UnexpectedAnswer ? error.status : undefined;
      this.#faults.push({ at, status, what: String(error) });
      await sleep(pauseAfterFaultMs);
      return undefined;
    }
  }
}

async function resultOf({ outputs }: Job, tintype: Tintype): Promise<Buffer> {
  const [output] = outputs;
  if (!output) throw new Error('The job has no output');
  return tintype.download(output);
}
