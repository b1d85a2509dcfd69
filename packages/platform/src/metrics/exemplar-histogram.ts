import { sampledTrace, type TraceIds } from '@tintype/tracing';
import { Histogram, type HistogramConfiguration } from 'prom-client';

/** An observation that can be looked at as a trace. */
export interface Exemplar {
  readonly trace: TraceIds;
  readonly value: number;
  /** Unix time in seconds. */
  readonly timestamp: number;
}

type LabelValues = Readonly<Partial<Record<string, string | number>>>;

/** The ways of calling it that the services use. */
type Observe = (labels: LabelValues | number, value?: number) => void;

/**
 * A histogram that remembers, for each of its buckets, the last observation made within a sampled span. prom-client has this as well,
 * but only in registries that know no text format, and with another signature of `observe`.
 */
export class ExemplarHistogram extends Histogram {
  readonly #exemplars = new Map<string, Exemplar>();
  readonly #labelNames: readonly string[];
  readonly #bounds: readonly number[];

  constructor(configuration: HistogramConfiguration<string>) {
    super(configuration);
    this.#labelNames = [...(configuration.labelNames ?? [])].sort();
    this.#bounds = boundsOf(this);
    // prom-client, too, gives every histogram an `observe` of its own.
    const observe = this.observe.bind(this) as Observe;
    const observeAndRemember: Observe = (labels, value) => {
      observe(labels, value);
      const trace = sampledTrace();
      if (!trace) return;
      if (typeof labels === 'number') this.#remember(trace, {}, labels);
      else if (value !== undefined) this.#remember(trace, labels, value);
    };
    this.observe = observeAndRemember as Histogram['observe'];
  }

  /** Of the bucket that has these labels, and this bound as text. */
  exemplar(labels: LabelValues, le: string): Exemplar | undefined {
    return this.#exemplars.get(this.#key(labels, le));
  }

  #remember(trace: TraceIds, labels: LabelValues, value: number): void {
    const bound = this.#bounds.find((upper) => value <= upper);
    this.#exemplars.set(this.#key(labels, String(bound ?? '+Inf')), { trace, value, timestamp: Date.now() / 1000 });
  }

  #key(labels: LabelValues, le: string): string {
    return JSON.stringify([le, ...this.#labelNames.map((name) => labels[name])]);
  }
}

/** prom-client's types leave out what it has been given or has by default. */
function boundsOf(histogram: Histogram): readonly number[] {
  return (histogram as unknown as { readonly upperBounds: readonly number[] }).upperBounds;
}
