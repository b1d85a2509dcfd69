import { Injectable } from '@nestjs/common';
import type { SourceFound } from '@tintype/jobs';
import { type LabelsOf, metrics } from '@tintype/metrics';
import type { CounterOf } from '@tintype/platform';
import { InjectMetric } from '@willsoto/nestjs-prometheus';

type StageOfImage = LabelsOf<typeof metrics.imageStageSeconds>['stage'];
type Format = LabelsOf<typeof metrics.imageStageSeconds>['format'];

/** A picture by its format and its extent; `pages` are its frames. */
type Image = Pick<SourceFound, 'width' | 'height' | 'pages'> & { readonly format: Format };

/** What Prometheus learns of the images that went through the worker. What an attempt has done counts, whatever becomes of it. */
@Injectable()
export class ImageMetrics {
  constructor(
    @InjectMetric(metrics.sourceImages.name) private readonly sources: CounterOf<typeof metrics.sourceImages>,
    @InjectMetric(metrics.sourceBytes.name) private readonly sourceBytes: CounterOf<typeof metrics.sourceBytes>,
    @InjectMetric(metrics.sourcePixels.name) private readonly sourcePixels: CounterOf<typeof metrics.sourcePixels>,
    @InjectMetric(metrics.outputImages.name) private readonly outputs: CounterOf<typeof metrics.outputImages>,
    @InjectMetric(metrics.outputBytes.name) private readonly outputBytes: CounterOf<typeof metrics.outputBytes>,
    @InjectMetric(metrics.outputPixels.name) private readonly outputPixels: CounterOf<typeof metrics.outputPixels>,
    @InjectMetric(metrics.imageStageSeconds.name) private readonly stageSeconds: CounterOf<typeof metrics.imageStageSeconds>,
  ) {}

  read(source: Image, bytes: number): void {
    const { format } = source;
    this.sources.inc({ format });
    this.sourceBytes.inc({ format }, bytes);
    this.sourcePixels.inc({ format }, pixelsOf(source));
  }

  stored(output: Image, bytes: number): void {
    const { format } = output;
    this.outputs.inc({ format });
    this.outputBytes.inc({ format }, bytes);
    this.outputPixels.inc({ format }, pixelsOf(output));
  }

  /** `format`: of the source up to `transform`, then of the output. */
  spent(stage: StageOfImage, format: Format, ms: number): void {
    if (ms > 0) this.stageSeconds.inc({ stage, format }, ms / 1000);
  }
}

function pixelsOf({ width, height, pages }: Image): number {
  return width * height * pages;
}
