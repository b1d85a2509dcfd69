import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dashboard, Panel } from '@grafana/schema';
import { eventually } from '@tintype/testing';
import { Prometheus } from '@tintype/watched';
import sharp from 'sharp';
import { Painter, type Picture } from './painter.js';
import { spanOf } from './span.js';
import { problemsOf } from './verdict.js';

const working = 'sum by (handler) (rate(prometheus_http_requests_total{namespace="$namespace"}[$__rate_interval]))';
const nothing = 'there_is_no_such_metric{namespace="$namespace"}';

describe('Painter', () => {
  let directory: string;
  let prometheus: Prometheus;
  let painter: Painter;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'pictures-'));
    prometheus = await Prometheus.start({
      directory: join(directory, 'prometheus'),
      rules: [],
      targets: [],
      alertmanagerUrl: 'http://127.0.0.1:9',
      intervalSeconds: 1,
    });
    await prometheus.scrape([{ address: new URL(prometheus.url).host, labels: { namespace: 'pictures' } }]);
    painter = await Painter.start();
    const scrapes = 'count_over_time(up{namespace="pictures"}[1m]) >= 8';
    await eventually(async () => await prometheus.hasData(scrapes), { timeoutMs: 30_000, everyMs: 500 });
  });

  afterAll(async () => {
    await painter?.stop();
    await prometheus?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  async function draw(...panels: Panel[]): Promise<Picture> {
    const span = await spanOf(prometheus.url);
    return await painter.draw({ dashboard: dashboardWith(panels), ...span }, prometheus.url);
  }

  test('draws every kind of panel that the dashboards have, in the colours of Grafana', async () => {
    const picture = await draw(
      panel('timeseries', 'Requests', working),
      panel('stat', 'Targets', 'sum(up{namespace="$namespace"})'),
      panel('bargauge', 'Requests until now', 'sum by (handler) (prometheus_http_requests_total{namespace="$namespace"})'),
      panel('heatmap', 'Durations', `sum by (le) (increase(prometheus_http_request_duration_seconds_bucket[$__rate_interval]))`),
      panel('table', 'Versions', 'prometheus_build_info{namespace="$namespace"}'),
    );

    expect(picture.logged).toEqual([]);
    expect(picture.panels.map(({ title, state }) => `${title}: ${state}`)).toEqual([
      'Requests: drawn',
      'Targets: drawn',
      'Requests until now: drawn',
      'Durations: drawn',
      'Versions: drawn',
    ]);
    expect(problemsOf(picture, () => false)).toEqual([]);
    expect(await pixelsLike(picture, '#73bf69')).toBeGreaterThan(100);
  });

  test('finds a panel without a figure, unless it may have none', async () => {
    const picture = await draw(panel('timeseries', 'Requests', working), panel('stat', 'Nothing', nothing));

    expect(picture.panels.map(({ state }) => state)).toEqual(['drawn', 'empty']);
    expect(problemsOf(picture, () => false)).toEqual([
      '"Nothing" has no figure for query A: there_is_no_such_metric{namespace="pictures"}',
    ]);
    expect(problemsOf(picture, (title, { refId }) => title === 'Nothing' && refId === 'A')).toEqual([]);
  });

  test('finds one empty query beside one that has figures, and a query that has none but NaN', async () => {
    const picture = await draw(panel('timeseries', 'Half', working, nothing), panel('timeseries', 'NaN', 'vector(0) / 0'));

    expect(picture.panels.map(({ state }) => state)).toEqual(['drawn', 'empty']);
    expect(problemsOf(picture, () => false)).toEqual([
      expect.stringContaining('"Half" has no figure for query B'),
      expect.stringContaining('"NaN" has no figure for query A'),
    ]);
  });

  test('draws a line beside one that has no figure at the same time', async () => {
    const picture = await draw(panel('timeseries', 'Beside', working, 'vector(NaN)', 'vector(Inf)'));

    expect(picture.panels.map(({ state }) => state)).toEqual(['drawn']);
  });

  test('finds figures that cannot be seen', async () => {
    const outside = {
      ...panel('timeseries', 'Outside', 'vector(5)'),
      fieldConfig: { defaults: { min: 10, max: 20 }, overrides: [] },
    };
    const picture = await draw(outside);

    expect(problemsOf(picture, () => true)).toEqual(['"Outside" is in error: It has figures, but they cannot be seen']);
  });

  test('draws what is far down on the page, too', async () => {
    const table = panel('table', 'Far down', 'prometheus_build_info{namespace="$namespace"}');
    const picture = await draw(...Array.from({ length: 9 }, (_, index) => panel('stat', `Targets ${index}`, 'up')), table);

    expect(problemsOf(picture, () => false)).toEqual([]);
  });

  test('finds a query that Prometheus refuses, in its words', async () => {
    const picture = await draw(panel('timeseries', 'Broken', 'sum by (handler (up)'), panel('timeseries', 'Requests', working));

    expect(picture.panels.map(({ state }) => state)).toEqual(['error', 'drawn']);
    expect(problemsOf(picture, () => true)).toEqual([expect.stringMatching(/^"Broken" is in error: .*parse error/)]);
  });

  test('finds a variable that there is not, and a kind of panel that cannot be drawn', async () => {
    const picture = await draw(panel('timeseries', 'Misspelt', 'up{namespace="$namepsace"}'), panel('piechart', 'Pie', 'up'));

    expect(problemsOf(picture, () => true)).toEqual([
      '"Misspelt" is in error: There is no variable $namepsace',
      '"Pie" is in error: A panel of the type piechart is not drawn here',
    ]);
  });

  test('does not draw a dashboard whose variables have no values', async () => {
    const span = await spanOf(prometheus.url);
    const dashboard = dashboardWith([panel('stat', 'Targets', 'up')], 'label_values(up{job="nobody"}, namespace)');

    await expect(painter.draw({ dashboard, ...span }, prometheus.url)).rejects.toThrow('The variable namespace has no value');
  });
});

test('says what to install when there is no Chromium', async () => {
  const { CHROMIUM: named, PATH: path } = process.env;
  try {
    delete process.env['CHROMIUM'];
    process.env['PATH'] = '';
    await expect(Painter.start()).rejects.toThrow('apt-get install chromium');
  } finally {
    process.env['PATH'] = path;
    if (named !== undefined) process.env['CHROMIUM'] = named;
  }
});

function dashboardWith(panels: readonly Panel[], query = 'label_values(up, namespace)'): Dashboard {
  return {
    title: 'Pictures',
    schemaVersion: 42,
    templating: { list: [{ type: 'query', name: 'namespace', query }] },
    panels: panels.map((each, index) => ({
      ...each,
      id: index + 1,
      gridPos: { x: (index % 2) * 12, y: Math.floor(index / 2) * 8, w: 12, h: 8 },
    })),
  };
}

function panel(type: string, title: string, ...queries: string[]): Panel {
  const format = { heatmap: 'heatmap', table: 'table' }[type] ?? 'time_series';
  return {
    type,
    title,
    targets: queries.map((expr, index) => ({
      expr,
      refId: 'ABCD'[index],
      format,
      instant: format === 'table',
      legendFormat: type === 'heatmap' ? '{{le}}' : '{{handler}}',
    })),
    options: {
      legend: { showLegend: true, show: true, displayMode: 'table', placement: 'bottom', calcs: ['lastNotNull'] },
      color: { scheme: 'Oranges', scale: 'exponential', exponent: 0.5, steps: 64, reverse: false },
    },
    fieldConfig: { defaults: { unit: 'short', custom: { lineWidth: 1 } }, overrides: [] },
  };
}

/** How many pixels of a picture are about this colour. */
async function pixelsLike({ png }: Picture, color: string): Promise<number> {
  const wanted = [1, 3, 5].map((start) => Number.parseInt(color.slice(start, start + 2), 16));
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  let pixels = 0;
  for (let start = 0; start < data.length; start += info.channels) {
    if (wanted.every((value, channel) => Math.abs(value - (data[start + channel] ?? 0)) < 16)) pixels += 1;
  }
  return pixels;
}
