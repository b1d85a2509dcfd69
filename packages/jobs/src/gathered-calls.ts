import { AsyncResource } from 'node:async_hooks';

/** How many batches are on their way at a time. With one, a batch that waits for a lock would hold up all others. */
const atATime = 2;
const mostItems = 50;

interface Waiting<Item, Result> {
  readonly item: Item;
  /** Its caller's: what is done for it must not seem to be done for an earlier one. */
  readonly context: AsyncResource;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Does in one trip what comes while earlier trips are under way. Nothing ever waits for company: the first goes at once, and the
 * busier it gets, the larger the batches are.
 */
export class GatheredCalls<Item, Result> {
  readonly #waiting: Waiting<Item, Result>[] = [];
  #underWay = 0;

  /** `work`: resolves to the results in the order of the items. A batch that it refuses for one item's content is repeated one by one. */
  constructor(private readonly work: (items: readonly Item[]) => Promise<readonly Result[]>) {}

  run(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, context: new AsyncResource('GatheredCall'), resolve, reject });
      this.#start();
    });
  }

  #start(): void {
    const [first] = this.#waiting;
    if (this.#underWay === atATime || first === undefined) return;
    this.#underWay += 1;
    const batch = this.#waiting.splice(0, mostItems);
    void first.context
      .runInAsyncScope(() => this.#settle(batch))
      .then(() => {
        this.#underWay -= 1;
        this.#start();
      });
  }

  async #settle(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.work(batch.map(({ item }) => item));
      for (const [index, { resolve }] of batch.entries()) resolve(results[index] as Result);
    } catch (error) {
      if (batch.length > 1 && isForContent(error)) for (const one of batch) await this.#settle([one]);
      else for (const { reject } of batch) reject(error);
    }
  }
}

/** SQLSTATE classes 22 (data) and 23 (integrity): then the database has done nothing of it. */
function isForContent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^2[23]...$/.test(String(error.code));
}
