import { fileURLToPath } from 'node:url';
import { type DynamicModule, Global, Inject, Logger, Module, type OnModuleInit } from '@nestjs/common';
import { metrics } from '@tintype/metrics';
import { imageLimits } from '@tintype/operations';
import type { CounterOf } from '@tintype/platform';
import { getToken } from '@willsoto/nestjs-prometheus';
import { CAPACITY, type Capacity, capacityFor, containerResources } from '../capacity/capacity.js';
import { SETTINGS, type WorkerSettings } from '../settings.js';
import { ChildPool } from './child-pool.js';
import { ChildrenMetrics } from './children-metrics.js';

/** The program that decodes images. */
export const imageProgram = fileURLToPath(new URL('child-program.js', import.meta.url));

@Global()
@Module({})
export class ChildrenModule implements OnModuleInit {
  /** `program`: path of what the children run. */
  static register(program: string): DynamicModule {
    return {
      module: ChildrenModule,
      providers: [
        {
          provide: CAPACITY,
          inject: [SETTINGS],
          useFactory: ({ WORKER_CONCURRENCY: concurrency, CHILD_MEMORY_MB: childMemoryMb }: WorkerSettings) =>
            capacityFor({ concurrency, childMemoryMb }, containerResources()),
        },
        {
          provide: ChildPool,
          inject: [SETTINGS, CAPACITY, getToken(metrics.childExits.name)],
          useFactory: (
            settings: WorkerSettings,
            { concurrency, childMemoryMb }: Capacity,
            exits: CounterOf<typeof metrics.childExits>,
          ) =>
            new ChildPool({
              program,
              limits: imageLimits(settings),
              size: concurrency,
              maxJobs: settings.CHILD_MAX_JOBS,
              memoryBytes: childMemoryMb * 2 ** 20,
              jobTimeoutMs: settings.JOB_TIMEOUT_SECONDS * 1000,
              logger: new Logger(ChildPool.name),
              onExit: (reason) => exits.inc({ reason }),
            }),
        },
        ChildrenMetrics,
      ],
      exports: [CAPACITY, ChildPool],
    };
  }

  readonly #logger = new Logger(ChildrenModule.name);

  constructor(
    private readonly children: ChildPool,
    @Inject(CAPACITY) private readonly capacity: Capacity,
  ) {}

  async onModuleInit(): Promise<void> {
    this.#logger.log('capacity', { ...this.capacity, ...containerResources() });
    await this.children.start();
  }
}
