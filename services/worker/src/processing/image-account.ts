import type { OutputResult, SourceFacts } from '../children/messages.js';
import type { ImageMetrics } from './image-metrics.js';
import type { Stopwatch } from './stopwatch.js';

type ImageResult = Extract<OutputResult, { readonly kind: 'image' }>;

/** The images of one attempt: how much of them there is, and where their time goes. */
export class ImageAccount {
  #source: SourceFacts | undefined;

  constructor(
    private readonly metrics: ImageMetrics,
    private readonly stopwatch: Stopwatch,
  ) {}

  /** The child has read the source, which was fetched before. */
  read(source: SourceFacts, bytes: number): void {
    this.#source = source;
    this.metrics.read(source, bytes);
    this.metrics.spent('fetch', source.format, this.stopwatch.stagesMs.get('fetch') ?? 0);
  }

  /** The child is done with an output. */
  made(result: OutputResult): void {
    const { decodeMs, transformMs, encodeMs } = result.stages;
    this.stopwatch.add('decode', decodeMs);
    this.stopwatch.add('transform', transformMs);
    this.stopwatch.add('encode', encodeMs);
    if (this.#source) {
      this.metrics.spent('decode', this.#source.format, decodeMs);
      this.metrics.spent('transform', this.#source.format, transformMs);
    }
    if (isImage(result)) this.metrics.spent('encode', result.format, encodeMs);
  }

  async store(image: ImageResult, store: () => Promise<unknown>): Promise<void> {
    await this.stopwatch.time('store', store, (ms) => this.metrics.spent('store', image.format, ms));
    this.metrics.stored(image, image.bytes);
  }
}

function isImage(result: OutputResult): result is ImageResult {
  return result.status === 'completed' && result.kind === 'image';
}
