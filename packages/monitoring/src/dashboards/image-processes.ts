/** The processes in which pictures are decoded: how many, how large, and how they end. */
import { BytesIEC, Short } from '@grafana/grafana-foundation-sdk/units';
import { metrics } from '@tintype/metrics';
import { lately, query, type Row } from '../panels.js';
import { increase, value } from '../read.js';

export const imageProcesses: Row = {
  title: 'Image processes',
  panels: [
    {
      kind: 'time series',
      title: 'Image processes by state',
      shows: 'Pictures are decoded in processes that have nothing to lose.',
      normal: 'as many as jobs may run at once; `starting` is rare.',
      unit: Short,
      stacked: true,
      queries: [query(value(metrics.children).sumBy('state'), '{{state}}')],
    },
    {
      kind: 'time series',
      title: 'Image processes that ended',
      shows: '`recycled` and `stopped` are as planned, `canceled` was wanted by the client.',
      normal: 'no `crashed`, `timeout` or `memory`, or a few for pictures made to hurt.',
      watchedBy: ['TintypeChildCrashes'],
      unit: Short,
      stacked: true,
      queries: [query(increase(metrics.childExits, lately).sumBy('reason'), '{{reason}}')],
    },
    {
      kind: 'time series',
      title: 'Memory of the largest image process',
      shows: 'By worker, and where a process is killed.',
      normal: 'below a half of the limit; a single large picture may take it higher.',
      watchedBy: ['TintypeChildMemoryHigh'],
      unit: BytesIEC,
      queries: [
        query(value(metrics.childMemoryMost).maxBy('pod'), '{{pod}}'),
        query(value(metrics.childMemoryLimit).minBy(), 'limit'),
      ],
    },
    {
      kind: 'time series',
      title: 'Memory of all image processes',
      shows: 'By worker. With the process of the worker it must fit into the memory limit of the pod.',
      normal: 'well below the limit of the pod.',
      watchedBy: ['TintypeChildMemoryHigh'],
      unit: BytesIEC,
      queries: [query(value(metrics.childrenMemory).sumBy('pod'), '{{pod}}')],
    },
    {
      kind: 'time series',
      title: 'Most memory of libvips',
      shows:
        'That one of the present image processes of the worker held at once: a mark that rises until the process is recycled.',
      normal: 'near the memory of the largest image process.',
      unit: BytesIEC,
      queries: [query(value(metrics.vipsMemory).maxBy('pod'), '{{pod}}')],
    },
    {
      kind: 'time series',
      title: 'Running jobs by worker',
      shows: 'Each runs in an image process of its own.',
      normal: 'alike for all workers.',
      watchedBy: ['TintypeWorkersSaturated'],
      more: 'tintype-queue',
      unit: Short,
      stacked: true,
      queries: [query(value(metrics.jobsActive).sumBy('pod'), '{{pod}}')],
    },
  ],
};
