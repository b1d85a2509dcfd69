export interface Benchmark {
  /** As in `make bench ARGS=<name>`. */
  readonly name: string;
  readonly title: string;
  /** What is compared with what, and how it is measured: for who reads the figures, in Markdown. */
  readonly how: string;
  readonly columns: readonly string[];
  /** Measures, and yields the rows of a table. */
  rows(extent: Extent): AsyncGenerator<readonly string[]>;
}

/** How thoroughly to measure. */
export interface Extent {
  /** Only to see that it works: the figures say nothing. */
  readonly quick: boolean;
  readonly rounds: number;
  /** Of each measurement of a round. */
  readonly seconds: number;
  readonly progress: (text: string) => void;
}
