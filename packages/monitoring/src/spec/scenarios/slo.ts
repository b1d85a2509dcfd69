/** Each objective in each of its windows: the burn of one is told by the fast alert or by the slow one, or by none. */
import { type Slo, slos } from '../../slo.js';
import { api, ofApi, ofWorker, otherApi, otherWorker, type Scenario, type Series, worker } from '../scenario.js';

/** So many good and bad ones a minute, and for how many minutes. */
type Phase = readonly [good: number, bad: number, minutes: number];
type Make = (phases: readonly Phase[], other?: boolean) => Series;

/** What the services would export. */
export const sloSeries: Readonly<Record<Slo['id'], Make>> = {
  'api-availability': (phases, other) => {
    const requests = (code: string) =>
      `http_requests_total{${other ? otherApi : api},method="GET",route="/v1/jobs",status_code="${code}"}`;
    return { [requests('200')]: counter(phases, ([good]) => good), [requests('503')]: counter(phases, ([, bad]) => bad) };
  },
  'api-latency': (phases, other) =>
    histogram(
      'http_request_duration_seconds',
      other ? otherApi : api,
      'method="GET",route="/v1/jobs",status_class="2xx"',
      '0.5',
    )(phases),
  'job-success': (phases, other) => {
    const labels = other ? otherWorker : worker;
    return {
      [`worker_job_end_to_end_seconds_count{${labels},priority="bulk"}`]: counter(phases, ([good, bad]) => good + bad),
      [`worker_job_failures_total{${labels},reason="crash"}`]: counter(phases, ([, bad]) => bad),
      // Not our fault.
      [`worker_job_failures_total{${labels},reason="picture"}`]: counter(phases, ([good]) => good / 2),
    };
  },
  'job-freshness': (phases, other) =>
    histogram('worker_job_end_to_end_seconds', other ? otherWorker : worker, 'priority="normal"', '60')(phases),
};

export const sloScenarios: readonly Scenario[] = slos.flatMap((slo) => {
  const budget = 1 - slo.objective;
  /** Burns the error budget so many times as fast as it may. */
  const burning = (rate: number, minutes: number): Phase => {
    const bad = Math.min(1000 * rate * budget, 1000);
    return [1000 - bad, bad, minutes];
  };
  const calm = (minutes: number): Phase => [1000, 0, minutes];
  const make = sloSeries[slo.id];
  const fast = scenariosOf(slo, 'Fast');
  const slow = scenariosOf(slo, 'Slow');
  return [
    fast.fires('the budget burns 16 times too fast for an hour and five minutes', make([burning(16, 80)]), '75m', 16),
    fast.fires('it burns 8 times too fast all of the time', make([burning(8, 60)]), '50m', 8),
    fast.quiet('it burned for an hour, and no more', make([burning(16, 70), calm(60)]), '120m'),
    fast.quiet('it has only begun to burn', make([calm(60), burning(16, 4), calm(60)]), '66m'),
    fast.quiet('it burns 5 times too fast', make([burning(5, 90)]), '80m'),
    fast.quiet('nobody asks for anything', make([[0, 0, 100]]), '90m'),
    fast.quiet(
      'all of a few go wrong',
      make([
        [0, (slo.minimumBad - 2) / 70, 70],
        [0, 0, 30],
      ]),
      '72m',
    ),
    fast.quiet('it burns in another release', { ...make([calm(100)]), ...make([burning(16, 100)], true) }, '80m'),

    slow.fires('it burns 5 times too fast for hours', make([burning(5, 150)]), '140m', 5),
    slow.fires('it burns 1.5 times too fast for ever', make([burning(1.5, 100)]), '90m', 1.5),
    slow.quiet('it burned for some hours, and no more', make([burning(20, 90), calm(390)]), '475m'),
    slow.quiet('it burns half as fast as it may', make([burning(0.5, 100)]), '90m'),
    slow.quiet('all of a few go wrong', make([[0, (slo.minimumBad - 2) / 100, 100]]), '95m'),
  ];
});

/** Prometheus 3 writes the bounds of buckets in another way than Prometheus 2 and the services. */
export const withBoundsOfPrometheus3: readonly Scenario[] = sloScenarios
  .filter(({ alert, fires }) => alert === 'TintypeJobFreshnessBudgetBurnFast' && fires)
  .map((scenario) => ({
    ...scenario,
    about: `${scenario.about}, as Prometheus 3 stores it`,
    series: Object.fromEntries(
      Object.entries(scenario.series).map(([name, values]) => [name.replace('le="60"', 'le="60.0"'), values]),
    ),
  }));

function scenariosOf(slo: Slo, speed: 'Fast' | 'Slow') {
  const words = slo.id.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  const alert: Scenario['alert'] = `Tintype${words.join('')}BudgetBurn${speed}`;
  const labels = { ...(slo.owner === 'api' ? ofApi : ofWorker), slo: slo.id };
  const { service } = labels;
  const end = speed === 'Fast' ? '; at 14 it is gone in two days.' : ', for many hours.';
  return {
    fires: (about: string, input: Series, at: string, rate: number): Scenario => ({
      alert,
      about,
      series: input,
      at,
      fires: {
        labels,
        seen: `The error budget of ${slo.id} on ${service} is used up ${rate} times as fast as it may be${end}`,
      },
    }),
    quiet: (about: string, input: Series, at: string): Scenario => ({ alert, about, series: input, at }),
  };
}

/** Good ones are within the bound, bad ones beyond. */
function histogram(name: string, target: string, labels: string, bound: string) {
  return (phases: readonly Phase[]): Series => ({
    [`${name}_bucket{${target},${labels},le="${bound}"}`]: counter(phases, ([good]) => good),
    [`${name}_bucket{${target},${labels},le="+Inf"}`]: counter(phases, ([good, bad]) => good + bad),
    [`${name}_count{${target},${labels}}`]: counter(phases, ([good, bad]) => good + bad),
  });
}

/** In the notation of promtool; each phase goes on where the one before has ended. */
function counter(phases: readonly Phase[], perMinute: (phase: Phase) => number): string {
  let total = 0;
  return phases
    .map((phase) => {
      const step = perMinute(phase);
      const text = `${total}+${step}x${phase[2] - 1}`;
      total += step * phase[2];
      return text;
    })
    .join(' ');
}
