/** The pods of both services, as they themselves and the cluster see them. */
import { BytesIEC, DurationSeconds, Short } from '@grafana/grafana-foundation-sdk/units';
import { metrics } from '@tintype/metrics';
import { container } from '../external.js';
import { lately, query, type Row } from '../panels.js';
import { increase, rate, secondsSince, value } from '../read.js';

export const pods: Row = {
  title: 'Pods',
  panels: [
    {
      kind: 'time series',
      title: 'Versions',
      shows: 'Pods by what they run.',
      normal: 'one version of each; two side by side are a rollout, or one that got stuck.',
      watchedBy: ['TintypeVersionSkew'],
      unit: Short,
      stacked: true,
      queries: [query(value(metrics.buildInfo).countBy('component', 'version'), '{{component}} {{version}}')],
    },
    {
      kind: 'time series',
      title: 'Restarts',
      shows: 'Restarts of containers.',
      normal: 'none.',
      watchedBy: ['TintypePodRestarting'],
      unit: Short,
      queries: [query(increase(container.restarts, lately).sumBy('pod'), '{{pod}}')],
    },
    {
      kind: 'time series',
      title: 'Time since the start',
      shows: 'Of the process of each pod; a line that falls to zero is a restart.',
      normal: 'lines that rise, as old as the last rollout.',
      watchedBy: ['TintypePodRestarting'],
      unit: DurationSeconds,
      queries: [query(secondsSince(value(metrics.processStart).maxBy('pod')), '{{pod}}')],
    },
    {
      kind: 'time series',
      title: 'Processor time',
      shows: 'Cores in use by each pod, and what a container asks for and may use at most.',
      normal: 'workers take what they may while there are jobs; the API stays near its request.',
      unit: Short,
      width: 12,
      queries: [
        query(rate(container.cpu, lately).sumBy('pod'), '{{pod}}'),
        query(value(container.requests, { resource: 'cpu' }).maxBy('container'), 'request of {{container}}'),
        query(
          value(container.limits, { resource: 'cpu' }).maxBy('container'),
          'limit of {{container}}',
          'The chart sets no limit of processor time unless it is told to.',
        ),
      ],
    },
    {
      kind: 'time series',
      title: 'Memory',
      shows: 'Working set of each pod, and where the kernel ends a container. Image processes count as part of their worker.',
      normal: 'well below the limit.',
      watchedBy: ['TintypePodOutOfMemory'],
      unit: BytesIEC,
      width: 12,
      queries: [
        query(value(container.memory).sumBy('pod'), '{{pod}}'),
        query(value(container.limits, { resource: 'memory' }).maxBy('container'), 'limit of {{container}}'),
      ],
    },
  ],
};
