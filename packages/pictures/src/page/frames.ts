/** Results of Prometheus as the data frames that Grafana's panels read. */
import { createDataFrame, type DataFrame, FieldType, renderLegendFormat } from '@grafana/data';
import type { TargetAnswer } from './queries.js';
import type { Series } from './prometheus.js';

export function framesOf(answers: readonly TargetAnswer[]): DataFrame[] {
  const tables = answers.filter(({ target }) => target.format === 'table').length;
  return answers.flatMap((answer) => {
    if (answer.target.format === 'table') return [table(answer, tables > 1)];
    return answer.target.format === 'heatmap' ? bucketsOf(answer) : answer.series.map((series) => lineOf(series, answer));
  });
}

function lineOf({ labels, samples }: Series, { target, step }: TargetAnswer): DataFrame {
  const name = legendOf(labels, target.legendFormat);
  return createDataFrame({
    refId: target.refId,
    name,
    fields: [
      { name: 'Time', type: FieldType.time, config: { interval: step }, values: samples.map(({ time }) => time) },
      {
        name: 'Value',
        type: FieldType.number,
        labels: { ...labels },
        config: { displayNameFromDS: name },
        values: samples.map(({ value }) => value),
      },
    ],
  });
}

function legendOf(labels: Readonly<Record<string, string>>, format = ''): string {
  if (format && format !== '__auto') return renderLegendFormat(format, labels);
  const { __name__: name = '', ...others } = labels;
  const list = Object.entries(others).map(([label, value]) => `${label}="${value}"`);
  return `${name}{${list.join(', ')}}`;
}

/** One line for each series: its time, its labels, its last sample. */
function table({ target, series }: TargetAnswer, oneOfSeveral: boolean): DataFrame {
  const labels = [...new Set(series.flatMap((each) => Object.keys(each.labels)))].toSorted();
  const last = series.map(({ samples }) => samples.at(-1));
  return createDataFrame({
    refId: target.refId,
    fields: [
      { name: 'Time', type: FieldType.time, values: last.map((sample) => sample?.time) },
      ...labels.map((name) => ({ name, type: FieldType.string, values: series.map((each) => each.labels[name]) })),
      {
        name: oneOfSeveral ? `Value #${target.refId}` : 'Value',
        type: FieldType.number,
        values: last.map((sample) => sample?.value),
      },
    ],
  });
}

/** The buckets of a histogram from the lowest to the highest: Prometheus counts those below them too, a heatmap must not. */
function bucketsOf(answer: TargetAnswer): DataFrame[] {
  const rising = answer.series.toSorted((a, b) => boundOf(a) - boundOf(b));
  return rising.map((series, index) => {
    const below = new Map(rising[index - 1]?.samples.map(({ time, value }) => [time, value]));
    const samples = series.samples.map(({ time, value }) => ({ time, value: Math.max(value - (below.get(time) ?? 0), 0) }));
    return lineOf({ labels: series.labels, samples }, answer);
  });
}

function boundOf({ labels }: Series): number {
  const { le = '' } = labels;
  return le === '+Inf' ? Infinity : Number(le);
}
