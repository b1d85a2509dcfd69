/**
 * What releases of Grafana take for a dashboard, by the types that Grafana publishes of each (`@grafana/schema`): the dashboard itself,
 * and the options of the kinds of panels that are used here. A dashboard is written down as a literal of such a type, and the compiler
 * says what is wrong with it: a field that there is not, too, which no test of assignability finds.
 */
import type * as grafana11 from '@grafana/schema-11';
import type * as barGauge11 from '@grafana/schema-11/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen.d.ts';
import type * as heatmap11 from '@grafana/schema-11/dist/esm/raw/composable/heatmap/panelcfg/x/HeatmapPanelCfg_types.gen.d.ts';
import type * as stat11 from '@grafana/schema-11/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen.d.ts';
import type * as table11 from '@grafana/schema-11/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen.d.ts';
import type * as timeSeries11 from '@grafana/schema-11/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen.d.ts';
import type * as grafana12 from '@grafana/schema-12';
import type * as barGauge12 from '@grafana/schema-12/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen';
import type * as heatmap12 from '@grafana/schema-12/dist/esm/raw/composable/heatmap/panelcfg/x/HeatmapPanelCfg_types.gen';
import type * as stat12 from '@grafana/schema-12/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type * as table12 from '@grafana/schema-12/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import type * as timeSeries12 from '@grafana/schema-12/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';
import type * as grafana13 from '@grafana/schema-13';
import type * as barGauge13 from '@grafana/schema-13/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen';
import type * as heatmap13 from '@grafana/schema-13/dist/esm/raw/composable/heatmap/panelcfg/x/HeatmapPanelCfg_types.gen';
import type * as stat13 from '@grafana/schema-13/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type * as table13 from '@grafana/schema-13/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import type * as timeSeries13 from '@grafana/schema-13/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** As JSON has it: the values of enums, not their names. */
type Json<T> = T extends string
  ? `${T}`
  : T extends number
    ? `${T}` extends `${infer N extends number}`
      ? N
      : T
    : T extends readonly (infer Element)[]
      ? Json<Element>[]
      : T extends object
        ? { [Key in keyof T]: Json<T[Key]> }
        : T;

/** What the data source for Prometheus reads of a query. */
interface PrometheusQuery {
  readonly expr: string;
  readonly legendFormat?: string;
  readonly format?: 'time_series' | 'table' | 'heatmap';
  readonly range?: boolean;
  readonly instant?: boolean;
  readonly exemplar?: boolean;
}

/** What it reads of an annotation. */
interface PrometheusAnnotation {
  readonly titleFormat?: string;
  readonly textFormat?: string;
  readonly tagKeys?: string;
}

/** A panel of one kind: where Grafana's type of all panels says nothing, the types of the kind say what there may be. */
type PanelOf<Panel, Query, FieldConfigSource, FieldConfig, Kind extends string, Options, Custom> = Omit<
  Panel,
  'type' | 'options' | 'fieldConfig' | 'targets'
> & {
  readonly type: Kind;
  readonly options: Options;
  readonly fieldConfig: Omit<FieldConfigSource, 'defaults'> & {
    readonly defaults: Omit<FieldConfig, 'custom'> & { readonly custom?: Custom };
  };
  readonly targets: (Query & PrometheusQuery)[];
};

type DashboardOf<Dashboard, Variable, Annotation, Query, Panels> = Omit<Dashboard, 'panels' | 'templating' | 'annotations'> & {
  readonly templating: { readonly list: (Variable & { readonly definition?: string })[] };
  readonly annotations: {
    readonly list: (Omit<Annotation, 'target'> & PrometheusAnnotation & { readonly target: Query & PrometheusQuery })[];
  };
  readonly panels: Panels[];
};

type Panel11<Kind extends string, Options, Custom> = PanelOf<
  grafana11.Panel,
  grafana11.DataQuery,
  grafana11.FieldConfigSource,
  grafana11.FieldConfig,
  Kind,
  Options,
  Custom
>;

export type Grafana11 = Json<
  DashboardOf<
    grafana11.Dashboard,
    grafana11.VariableModel,
    grafana11.AnnotationQuery,
    grafana11.DataQuery,
    | grafana11.RowPanel
    | Panel11<'timeseries', timeSeries11.Options, timeSeries11.FieldConfig>
    | Panel11<'stat', stat11.Options, never>
    | Panel11<'bargauge', barGauge11.Options, never>
    | Panel11<'heatmap', heatmap11.Options, heatmap11.FieldConfig>
    | Panel11<'table', table11.Options, table11.FieldConfig>
  >
>;

type Panel12<Kind extends string, Options, Custom> = PanelOf<
  grafana12.Panel,
  grafana12.DataQuery,
  grafana12.FieldConfigSource,
  grafana12.FieldConfig,
  Kind,
  Options,
  Custom
>;

export type Grafana12 = Json<
  DashboardOf<
    grafana12.Dashboard,
    grafana12.VariableModel,
    grafana12.AnnotationQuery,
    grafana12.DataQuery,
    | grafana12.RowPanel
    | Panel12<'timeseries', timeSeries12.Options, timeSeries12.FieldConfig>
    | Panel12<'stat', stat12.Options, never>
    | Panel12<'bargauge', barGauge12.Options, never>
    | Panel12<'heatmap', heatmap12.Options, heatmap12.FieldConfig>
    | Panel12<'table', table12.Options, table12.FieldConfig>
  >
>;

type Panel13<Kind extends string, Options, Custom> = PanelOf<
  grafana13.Panel,
  grafana13.DataQuery,
  grafana13.FieldConfigSource,
  grafana13.FieldConfig,
  Kind,
  Options,
  Custom
>;

export type Grafana13 = Json<
  DashboardOf<
    grafana13.Dashboard,
    grafana13.VariableModel,
    grafana13.AnnotationQuery,
    grafana13.DataQuery,
    | grafana13.RowPanel
    | Panel13<'timeseries', timeSeries13.Options, timeSeries13.FieldConfig>
    | Panel13<'stat', stat13.Options, never>
    | Panel13<'bargauge', barGauge13.Options, never>
    | Panel13<'heatmap', heatmap13.Options, heatmap13.FieldConfig>
    | Panel13<'table', table13.Options, table13.FieldConfig>
  >
>;

export const releases = ['Grafana11', 'Grafana12', 'Grafana13'] as const;

/** What is wrong with each of the dashboards, named as they are, in each release; nothing when they are all right. */
export function faultsOf(dashboards: Readonly<Record<string, object>>): string[] {
  const directory = mkdtempSync(join(tmpdir(), 'tintype-schema-'));
  try {
    const types = fileURLToPath(new URL('grafana-schema.js', import.meta.url));
    const files = releases.flatMap((release) =>
      Object.entries(dashboards).map(([name, dashboard]) => {
        const file = `${name}.${release}.ts`;
        const literal = `export const dashboard: ${release} = ${JSON.stringify(dashboard, undefined, 2)};`;
        writeFileSync(join(directory, file), `import type { ${release} } from ${JSON.stringify(types)};\n${literal}\n`);
        return file;
      }),
    );
    const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2023', '--pretty', 'false'];
    const { stdout, stderr, status } = spawnSync(process.execPath, [tsc, ...options, ...files], {
      cwd: directory,
      encoding: 'utf8',
    });
    const found = stdout.split(/\n(?! )/).filter((line) => line !== '');
    if (status !== 0 && found.length === 0) throw new Error(stderr || `tsc ended with ${status}`);
    return found;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
