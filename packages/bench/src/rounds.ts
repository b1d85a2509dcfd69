/** Comparing two rates on a machine that is never quite quiet. */

export interface Comparison {
  /** Medians of the rounds. */
  readonly ours: number;
  readonly theirs: number;
  /** Ours by theirs: the median of the rounds' ratios, and the extremes. */
  readonly ratio: number;
  readonly least: number;
  readonly most: number;
}

export interface Contest {
  readonly rounds: number;
  /** Each measures a rate, for some seconds. */
  readonly ours: () => Promise<number>;
  readonly theirs: () => Promise<number>;
  readonly progress: (text: string) => void;
}

/**
 * Measures both in every round, one right after the other and in changing order, and compares within the round: what slows the
 * machine for a minute slows both.
 */
export async function alternate({ rounds, ours, theirs, progress }: Contest): Promise<Comparison> {
  const pairs: Pair[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const first = round % 2 === 0 ? await ours() : undefined;
    const theirRate = await theirs();
    const ourRate = first ?? (await ours());
    pairs.push({ ours: ourRate, theirs: theirRate });
    progress(`round ${round} of ${rounds}: ${rate(ourRate)} by ${rate(theirRate)} is ${(ourRate / theirRate).toFixed(2)}`);
  }
  return comparisonOf(pairs);
}

/** What was measured in one round. */
export interface Pair {
  readonly ours: number;
  readonly theirs: number;
}

export function comparisonOf(pairs: readonly Pair[]): Comparison {
  const ratios = pairs.map(({ ours, theirs }) => ours / theirs);
  return {
    ours: median(pairs.map((pair) => pair.ours)),
    theirs: median(pairs.map((pair) => pair.theirs)),
    ratio: median(ratios),
    least: Math.min(...ratios),
    most: Math.max(...ratios),
  };
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** `part` from 0 to 1. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (sorted.length - 1) * part;
  const [below = NaN, above = NaN] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return below + (above - below) * (at - Math.floor(at));
}

/** `2.61 (2.55–2.66)` */
export function ratioWithRange({ ratio, least, most }: Comparison): string {
  return `**${ratio.toFixed(2)}** (${least.toFixed(2)}–${most.toFixed(2)})`;
}

/** A rate per second. */
export function rate(perSecond: number): string {
  return perSecond >= 100 ? perSecond.toFixed(0) : perSecond.toPrecision(3);
}
