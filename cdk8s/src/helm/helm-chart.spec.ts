import type { IConfigMap } from 'kubernetes-models/v1';
import { parse } from 'yaml';
import { Expression, fileContent, include } from './expression.js';
import { HelmChart } from './helm-chart.js';
import { Manifest, TemplateFile } from './manifest.js';
import { group, references, text } from './values.js';

const values = group('', { used: text('a', 'Used.'), other: text('b', 'Other.') });
const v = references(values);

function chartOf(data: Record<string, Expression<string>>): HelmChart {
  const chart = new HelmChart({ metadata: { name: 'x' }, values, files: {}, origin: 'Generated.' });
  new Manifest<IConfigMap>(
    new TemplateFile(chart.app, 'a/configmap.yaml'),
    'map',
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data },
    v.used,
  );
  return chart;
}

test('a chart is its templates, its values and their schema', () => {
  const files = chartOf({ Z: v.used, A: v.other }).render();
  expect(Object.keys(files).toSorted()).toEqual([
    'Chart.yaml',
    'templates/_definitions.tpl',
    'templates/a/configmap.yaml',
    'values.schema.json',
    'values.yaml',
  ]);
  expect(files['templates/a/configmap.yaml']).toBe(`{{- /* Generated. */ -}}
{{- if .Values.used }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: x
data:
  Z: {{ .Values.used | quote }}
  A: {{ .Values.other | quote }}
{{- end }}
`);
  expect(parse(files['values.yaml'] ?? '')).toEqual({ used: 'a', other: 'b' });
});

test('named templates are defined once, and can be included', () => {
  const chart = chartOf({ A: include('x.data') });
  chart.define('x.data', { B: v.other });
  expect(chart.render()['templates/_definitions.tpl']).toContain(
    '{{- define "x.data" -}}\nB: {{ .Values.other | quote }}\n{{- end }}\n',
  );
});

test.each([
  ['a value that does nothing', { A: v.used }, 'The value other does nothing'],
  [
    'a value that is not declared',
    { A: new Expression<string>('text', () => '.Values.usd') },
    'The value usd is read but not declared',
  ],
  ['a named template that does not exist', { A: include('x.gone') }, 'The template x.gone is included but not defined'],
  ['a file that does not exist', { A: fileContent('x.json') }, 'The file x.json is read but not in the chart'],
])('%s is refused', (_about, data, message) => {
  expect(() => chartOf(data).render()).toThrow(message);
});
