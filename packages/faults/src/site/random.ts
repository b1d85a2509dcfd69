import { randomInt } from 'node:crypto';

/** The same seed gives the same choices: `FAULTS_SEED=…` replays those of a run that printed it. */
export class Random {
  #state: number;

  constructor(readonly seed = Number(process.env['FAULTS_SEED'] ?? randomInt(2 ** 31))) {
    this.#state = seed;
  }

  /** From 0, below 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  between(least: number, most: number): number {
    return least + this.next() * (most - least);
  }

  /** Undefined when there is nothing to choose from. */
  oneOf<T>(items: readonly T[]): T | undefined {
    return items[this.below(items.length)];
  }
}
