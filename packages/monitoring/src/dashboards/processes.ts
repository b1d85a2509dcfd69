/** How the Node.js processes of a service are: of the API, or of the workers without their image processes. */
import { BytesIEC, PercentUnit, Seconds, Short } from '@grafana/grafana-foundation-sdk/units';
import { metrics } from '@tintype/metrics';
import { lately, query, type Row } from '../panels.js';
import { of, rate, value } from '../read.js';

export function processes(service: 'api' | 'worker'): Row {
  const loop = of(service, metrics.eventLoopTime);
  return {
    title: 'Processes',
    panels: [
      {
        kind: 'time series',
        title: 'Busy share of the event loop',
        shows: 'Share of its time that the event loop of each pod works. Pictures are not worked at there.',
        normal: 'below a half.',
        watchedBy: ['TintypeEventLoopSaturated'],
        unit: PercentUnit,
        max: 1,
        thresholds: { orange: 0.7, red: 0.9 },
        queries: [
          query(
            rate(loop, lately, { state: 'active' }).sumBy('pod').dividedBy(rate(loop, lately).sumBy('pod').above(0)),
            '{{pod}}',
          ),
        ],
      },
      {
        kind: 'time series',
        title: 'Delay of the event loop, p99',
        shows: 'How much later than it should something runs that waits for its turn; it is about 10 ms at rest.',
        normal: 'below 50 ms.',
        watchedBy: ['TintypeEventLoopSaturated'],
        unit: Seconds,
        queries: [query(value(of(service, metrics.eventLoopLagP99)).maxBy('pod'), '{{pod}}')],
      },
      {
        kind: 'time series',
        title: 'Time in garbage collection',
        shows: 'Share of the time, by kind, of the pod where it is most.',
        normal: 'below 2 %; more of `major` is a heap that gets tight.',
        unit: PercentUnit,
        queries: [query(rate(of(service, metrics.gcPauses), lately).sumBy('pod', 'kind').maxBy('kind'), '{{kind}}')],
      },
      {
        kind: 'time series',
        title: 'Processor time of the process',
        shows: 'Cores in use by the process of each pod, its threads among them.',
        normal: 'below one core.',
        unit: Short,
        queries: [query(rate(of(service, metrics.processCpu), lately).sumBy('pod'), '{{pod}}')],
      },
      {
        kind: 'time series',
        title: 'Memory of the process',
        shows: 'Of the pod where it is most: all that is resident, the heap and what of it is in use, and what is outside it.',
        normal: 'saw teeth of the same height; teeth that grow for hours are a leak.',
        unit: BytesIEC,
        queries: [
          query(value(of(service, metrics.residentMemory)).maxBy(), 'resident'),
          query(value(of(service, metrics.heapTotal)).maxBy(), 'heap'),
          query(value(of(service, metrics.heapUsed)).maxBy(), 'heap in use'),
          query(value(of(service, metrics.externalMemory)).maxBy(), 'outside the heap'),
        ],
      },
      {
        kind: 'time series',
        title: 'Open file descriptors',
        shows: 'Files and sockets, of those that a process may have open.',
        normal: 'a few in a hundred, and no steady rise.',
        unit: PercentUnit,
        queries: [
          query(
            value(of(service, metrics.openFds))
              .sumBy('pod')
              .dividedBy(value(of(service, metrics.maxFds)).sumBy('pod')),
            '{{pod}}',
          ),
        ],
      },
    ],
  };
}
