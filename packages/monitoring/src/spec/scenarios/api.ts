import { api, ofApi, otherApi, type Scenario, type Series, worker } from '../scenario.js';

export const apiScenarios: readonly Scenario[] = [
  {
    alert: 'TintypeApiDown',
    about: 'no pod answers',
    series: { [`up{${api},pod="a"}`]: '1 0x10', [`up{${otherApi},pod="b"}`]: '1x10' },
    at: '4m',
    fires: { labels: ofApi, seen: 'Prometheus reaches no pod of demo-tintype-api in pictures.' },
  },
  {
    alert: 'TintypeApiDown',
    about: 'there is no pod at all',
    series: { [`up{${worker},pod="a"}`]: '1x10' },
    at: '3m',
    fires: { labels: ofApi, seen: 'Prometheus reaches no pod of demo-tintype-api in pictures.' },
  },
  {
    alert: 'TintypeApiDown',
    about: 'one of two pods answers',
    series: { [`up{${api},pod="a"}`]: '0x10', [`up{${api},pod="b"}`]: '1x10' },
    at: '10m',
  },

  {
    alert: 'TintypeApiErrors',
    about: 'one request in ten fails',
    series: {
      [`http_requests_total{${api},method="POST",route="/v1/jobs",status_code="202"}`]: '0+90x20',
      [`http_requests_total{${api},method="POST",route="/v1/jobs",status_code="503"}`]: '0+10x20',
    },
    at: '15m',
    fires: { labels: ofApi, seen: '10% of the requests to demo-tintype-api failed in five minutes.' },
  },
  {
    alert: 'TintypeApiErrors',
    about: 'few requests fail, and all probes',
    series: {
      [`http_requests_total{${api},method="POST",route="/v1/jobs",status_code="202"}`]: '0+96x20',
      [`http_requests_total{${api},method="POST",route="/v1/jobs",status_code="500"}`]: '0+4x20',
      [`http_requests_total{${api},method="GET",route="/readyz",status_code="503"}`]: '0+100x20',
    },
    at: '15m',
  },
  {
    alert: 'TintypeApiErrors',
    about: 'all of hardly any requests fail',
    series: { [`http_requests_total{${api},method="POST",route="/v1/jobs",status_code="500"}`]: '0+1x20' },
    at: '15m',
  },

  {
    alert: 'TintypeApiSlow',
    about: 'lists take more than a second',
    series: durations('method="GET",route="/v1/jobs",status_class="2xx"'),
    at: '25m',
    fires: { labels: ofApi, seen: 'One in twenty of them takes longer than 2.425s on demo-tintype-api.' },
  },
  {
    alert: 'TintypeApiSlow',
    about: 'uploads and requests that wait take more than a second',
    series: {
      ...durations('method="POST",route="/v1/jobs",status_class="2xx"'),
      ...durations('method="GET",route="/v1/jobs/:id",status_class="2xx"'),
      ...durations('method="GET",route="/v1/jobs/:id/outputs/:name",status_class="2xx"'),
    },
    at: '25m',
  },

  {
    alert: 'TintypeBacklogFull',
    about: 'new jobs are refused',
    series: { [`jobs_refused_total{${api},reason="backlog"}`]: '0+1x20' },
    at: '15m',
    fires: { labels: ofApi, seen: 'demo-tintype-api refused 5 requests for new jobs in five minutes.' },
  },
  {
    alert: 'TintypeBacklogFull',
    about: 'some were refused an hour ago',
    series: { [`jobs_refused_total{${api},reason="backlog"}`]: '50x20' },
    at: '15m',
  },

  {
    alert: 'TintypeUploadsRefused',
    about: 'a pod has too many uploads under way, again and again',
    series: { [`image_uploads_rejected_total{${api},reason="too_many"}`]: '0+1x20' },
    at: '15m',
    fires: { labels: ofApi, seen: 'demo-tintype-api refused 10 uploads in ten minutes.' },
  },
  {
    alert: 'TintypeUploadsRefused',
    about: 'uploads are malformed, and a burst of them was too much for two minutes',
    series: {
      [`image_uploads_rejected_total{${api},reason="malformed"}`]: '0+1x30',
      [`image_uploads_rejected_total{${api},reason="too_many"}`]: '0x5 4 8x24',
    },
    at: '25m',
  },

  {
    alert: 'TintypeEventStreamsRefused',
    about: 'clients are refused',
    series: { [`event_streams_refused_total{${api}}`]: '0+2x20' },
    at: '15m',
    fires: { labels: ofApi, seen: 'demo-tintype-api refused 20 event streams in ten minutes.' },
  },
  {
    alert: 'TintypeEventStreamsRefused',
    about: 'that was an hour ago',
    series: { [`event_streams_refused_total{${api}}`]: '50x20' },
    at: '15m',
  },
];

/** Ten requests a minute, each between 1 and 2.5 seconds. */
function durations(labels: string): Series {
  const name = (suffix: string, more = '') => `http_request_duration_seconds_${suffix}{${api},${labels}${more}}`;
  return {
    [name('bucket', ',le="1"')]: '0x30',
    [name('bucket', ',le="2.5"')]: '0+10x30',
    [name('bucket', ',le="+Inf"')]: '0+10x30',
    [name('count')]: '0+10x30',
  };
}
