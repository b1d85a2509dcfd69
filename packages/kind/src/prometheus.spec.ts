import { missing, parseTargets, type Target } from './prometheus.js';

test('a target is known by its monitor and its pod, or else its URL', () => {
  const kubelet = 'https://172.18.0.2:10250/metrics/cadvisor';
  const activeTargets = [
    {
      labels: { job: 'tintype-api', pod: 'tintype-api-5c5b-82zxg' },
      scrapePool: 'serviceMonitor/tintype/tintype-api/0',
      scrapeUrl: 'http://10.244.0.12:8080/metrics',
      lastError: 'connection refused',
      health: 'down',
    },
    {
      labels: { job: 'kubelet' },
      scrapePool: 'serviceMonitor/monitoring/kps-kubelet/1',
      scrapeUrl: kubelet,
      lastError: '',
      health: 'up',
    },
  ];

  expect(parseTargets(JSON.stringify({ status: 'success', data: { activeTargets, droppedTargets: [] } }))).toEqual([
    { monitor: 'tintype/tintype-api', what: 'tintype-api-5c5b-82zxg', health: 'down', error: 'connection refused' },
    { monitor: 'monitoring/kps-kubelet', what: kubelet, health: 'up', error: '' },
  ]);
});

describe('what is missing', () => {
  const api: Target = { monitor: 'tintype/tintype-api', what: 'api-1', health: 'up', error: '' };
  const worker: Target = { monitor: 'tintype/tintype-worker', what: 'worker-1', health: 'up', error: '' };

  test('nothing, when every pod of both is up', () => {
    expect(missing([api, worker, { ...worker, what: 'worker-2' }])).toBeUndefined();
  });

  test.each([
    ['a component without targets', [api], 'Prometheus has no target of the ServiceMonitor tintype/tintype-worker'],
    [
      'a pod that is down',
      [api, { ...api, what: 'api-2', health: 'down', error: 'EOF' }, worker],
      'the target api-2 is down: EOF',
    ],
    ['a pod that was not scraped yet', [api, { ...worker, health: 'unknown' }], 'the target worker-1 is unknown'],
    ['all', [], 'Prometheus has no target of the ServiceMonitor tintype/tintype-api'],
  ])('%s', (_about, targets, lack) => {
    expect(missing(targets)).toBe(lack);
  });

  test('the targets of another release do not count', () => {
    expect(missing([api, { ...worker, monitor: 'pictures/tintype-worker' }])).toMatch('tintype/tintype-worker');
  });
});
