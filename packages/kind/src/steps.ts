/** What is being done, one line when a step begins and one with its time when it has ended. */
export class Steps {
  private readonly started = performance.now();
  private readonly abort = new AbortController();
  private failure: { readonly reason: unknown } | undefined;

  /** Aborts what still runs when a step fails. */
  get signal(): AbortSignal {
    return this.abort.signal;
  }

  get tookMs(): number {
    return performance.now() - this.started;
  }

  /** The work resolves with its result and a few words about it. */
  async step<T>(name: string, about: string, work: () => Promise<[result: T, about: string]>): Promise<T> {
    this.signal.throwIfAborted();
    this.note(name, `${about} …`);
    const began = performance.now();
    try {
      const [result, outcome] = await work();
      this.write(name, seconds(performance.now() - began), outcome);
      return result;
    } catch (error) {
      if (!this.failure) {
        this.failure = { reason: error };
        this.write(name, seconds(performance.now() - began), 'FAILED');
        this.abort.abort();
      }
      throw error;
    }
  }

  /** Something to know about a step that goes on. */
  note(name: string, text: string): void {
    if (!this.signal.aborted) this.write(name, '', text);
  }

  /** Like `Promise.all`, but when one fails, waits until the others have ended too and rejects with the failure that came first. */
  async all(work: readonly Promise<unknown>[]): Promise<void> {
    await Promise.allSettled(work);
    if (this.failure) throw this.failure.reason;
    await Promise.all(work);
  }

  private write(name: string, took: string, text: string): void {
    console.log(`${name.padEnd(11)} ${took.padStart(7)}  ${text}`);
  }
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
