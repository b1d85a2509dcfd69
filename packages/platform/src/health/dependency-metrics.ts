import { Injectable, type OnModuleInit, Optional } from '@nestjs/common';
import { type LabelsOf, metrics } from '@tintype/metrics';
import { CollectedGauges } from '../metrics/collected-gauges.js';
import { Readiness } from './readiness.js';

type Dependency = LabelsOf<typeof metrics.dependencyUp>['dependency'];

/** By which check each of them is known. */
const checkOf = { postgresql: 'database', redis: 'redis', storage: 'storage' } as const satisfies Record<Dependency, string>;

/** Tells Prometheus what the checks find of the services that this one needs. It makes none itself. */
@Injectable()
export class DependencyMetrics implements OnModuleInit {
  constructor(
    private readonly readiness: Readiness,
    /** Missing in an application without metrics. */
    @Optional() private readonly gauges?: CollectedGauges,
  ) {}

  onModuleInit(): void {
    this.gauges?.collect(metrics.dependencyUp, async () =>
      metrics.dependencyUp.labels.dependency.flatMap((dependency) => {
        const result = this.readiness.found[checkOf[dependency]];
        return result ? { labels: { dependency }, value: result.status === 'ok' ? 1 : 0 } : [];
      }),
    );
  }
}
