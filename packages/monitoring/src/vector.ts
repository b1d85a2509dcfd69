/** What PromQL computes with: a set of series that have the labels `L`. */
import type { Place } from './series.js';

/** A fixed window for rules; the variables of Grafana for dashboards. */
export type Window = `${number}${'s' | 'm' | 'h' | 'd'}` | '$__rate_interval' | '$__range';

export class Vector<L extends string> {
  /** For the type checker alone: vectors of different labels never match each other. */
  declare protected readonly labels: (label: L) => L;

  constructor(
    /** The expression as text. */
    readonly print: (place: Place) => string,
    private readonly binary = false,
  ) {}

  sumBy<const K extends readonly L[]>(...labels: K): Vector<K[number]> {
    return this.#aggregate('sum', labels);
  }

  maxBy<const K extends readonly L[]>(...labels: K): Vector<K[number]> {
    return this.#aggregate('max', labels);
  }

  minBy<const K extends readonly L[]>(...labels: K): Vector<K[number]> {
    return this.#aggregate('min', labels);
  }

  avgBy<const K extends readonly L[]>(...labels: K): Vector<K[number]> {
    return this.#aggregate('avg', labels);
  }

  countBy<const K extends readonly L[]>(...labels: K): Vector<K[number]> {
    return this.#aggregate('count', labels);
  }

  dividedBy(other: Vector<L>): Vector<L> {
    return this.#with('/', other);
  }

  minus(other: Vector<L>): Vector<L> {
    return this.#with('-', other);
  }

  /** Nothing below `limit`: a difference of two sums of the same may be a little less than 0. */
  clampMin(limit: number): Vector<L> {
    return new Vector((place) => `clamp_min(${this.print(place)}, ${limit})`);
  }

  /** What it lacks to 1. */
  complement(): Vector<L> {
    return new Vector((place) => `1 - ${this.#operand(place)}`, true);
  }

  times(factor: number): Vector<L> {
    return this.#with('*', factor);
  }

  below(limit: number): Vector<L> {
    return this.#with('<', limit);
  }

  above(limit: number): Vector<L> {
    return this.#with('>', limit);
  }

  atLeast(limit: number): Vector<L> {
    return this.#with('>=', limit);
  }

  equals(value: number): Vector<L> {
    return this.#with('==', value);
  }

  or(other: Vector<L>): Vector<L> {
    return this.#with('or', other);
  }

  /** Zero where this has no series but the other one has: a counter that has never counted does not exist yet. */
  orZeroOf(other: Vector<L>): Vector<L> {
    return this.or(other.times(0));
  }

  /** Those series of this for which the other one has a series with the same value of the labels. */
  and<M extends string>(other: Vector<M>, ...on: readonly (L & M)[]): Vector<L> {
    return this.#with(`and on (${on.join(', ')})`, other);
  }

  /** Those for which it has none. */
  unless<M extends string>(other: Vector<M>, ...on: readonly (L & M)[]): Vector<L> {
    return this.#with(`unless on (${on.join(', ')})`, other);
  }

  #aggregate<K extends string>(operator: string, labels: readonly K[]): Vector<K> {
    const by = labels.length > 0 ? ` by (${labels.join(', ')}) ` : '';
    return new Vector((place) => `${operator}${by}(${this.print(place)})`);
  }

  #with<M extends string>(operator: string, other: Vector<M> | number): Vector<L> {
    return new Vector((place) => {
      const left = this.#operand(place);
      return typeof other === 'number' ? `${left} ${operator} ${other}` : `${left}\n${operator} ${other.#operand(place)}`;
    }, true);
  }

  #operand(place: Place): string {
    return this.binary ? `(${this.print(place)})` : this.print(place);
  }
}

/** Series as they are stored, so that their past can be read, too. */
export class Selector<L extends string> extends Vector<L> {
  declare protected readonly stored: true;
}
