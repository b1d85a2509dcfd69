/** What users were promised: how much may still go wrong, and how fast it is used up. */
import { PercentUnit, Short } from '@grafana/grafana-foundation-sdk/units';
import { query, type Row, type Stat, type TimeSeries } from '../panels.js';
import { budgetRemaining, burnRate, burnWindows, type Slo, sloDeclarations, slos } from '../slo.js';

function alertsOf(slo: Slo) {
  return sloDeclarations(slo).alerts.map(({ alert }) => alert);
}

/** `API availability`; the full one does not fit above a figure. */
function titleOf({ id }: Slo): string {
  return id.replace('-', ' ').replace(/^api/, 'API').replace(/^job/, 'Job');
}

function budget(slo: Slo): Stat {
  return {
    kind: 'stat',
    title: titleOf(slo),
    shows:
      `${slo.title}: ` +
      'what is left of the error budget of the last 30 days: 100 % is all of it, below 0 the objective is missed. ' +
      `The objective is ${Number((slo.objective * 100).toPrecision(12))} % unless the chart was told another. ${slo.counts}`,
    normal: 'above a quarter.',
    watchedBy: alertsOf(slo),
    more: slo.dashboard,
    unit: PercentUnit,
    width: 6,
    thresholds: { orange: 0.25, red: 0, worse: 'below' },
    queries: [query(budgetRemaining(slo).minBy(), 'left', 'Nothing was asked for in the last 30 days.')],
  };
}

function burn({ long, short, factor }: (typeof burnWindows)['fast'][number]): TimeSeries {
  return {
    kind: 'time series',
    title: `Burn rate over ${long}`,
    shows:
      'How many times as fast as it may the error budget is used up: at 1 it lasts for just 30 days. ' +
      `The alert also wants it above the red line over the last ${short}.`,
    normal: 'below 1.',
    watchedBy: slos.flatMap(alertsOf).filter((alert) => alert.endsWith('Fast')),
    unit: Short,
    width: 12,
    thresholds: { orange: 1, red: factor },
    queries: slos.map((slo) => query(burnRate(slo, long).maxBy('slo'), '{{slo}}', 'Nothing was asked for in the window.')),
  };
}

export const objectives: Row = { title: 'Objectives', panels: [...slos.map(budget), ...burnWindows.fast.map(burn)] };
