/** The example of what Alertmanager does with the alerts: the one that `make up` uses, and docs/monitoring.md shows. */
import { readFileSync } from 'node:fs';
import { ruleGroups } from '@tintype/monitoring';
import { parse } from 'yaml';
import { checkConfig, receiversOf } from '../spec/amtool.js';

interface Values {
  readonly alertmanager?: { readonly config: object };
}

const onKind = textOf('packages/kind/values/kube-prometheus-stack.yaml');
const routing = configIn(onKind);
const inhibitions = configIn(textOf('docs/reference/inhibit-rules.yaml'));
/** As Helm merges it. */
const config = { ...routing, ...inhibitions };

const alerts = ruleGroups({ namespace: 'pictures', fullname: 'demo' }).flatMap(({ rules }) =>
  rules.flatMap((rule) => ('alert' in rule ? [[rule.alert, rule.labels.severity] as const] : [])),
);

test('is taken by Alertmanager', () => {
  expect(Object.keys(inhibitions)).toEqual(['inhibit_rules']);
  expect(checkConfig(config)).toBe('');
  expect(checkConfig({ ...config, receivers: [] })).toContain('undefined receiver');
});

test.each(alerts)('sends %s, which is %s, where it belongs', (alertname, severity) => {
  expect(receiversOf(config, { alertname, severity, namespace: 'pictures' })).toEqual([
    severity === 'critical' ? 'page' : 'ticket',
  ]);
});

test.each(['critical', 'warning', 'none'])('sends nobody what is %s and not about Tintype', (severity) => {
  expect(receiversOf(config, { alertname: 'Watchdog', severity, namespace: 'pictures' })).toEqual(['null']);
});

test('is the one of the documentation, but for the addresses', () => {
  const blocks = [...textOf('docs/monitoring.md').matchAll(/^```yaml kube-prometheus-stack\n([^]*?)^```$/gm)];
  const shown = blocks.map(([, yaml = '']) => parse(withoutAddresses(yaml)) as Values);
  for (const block of shown) expect(parse(withoutAddresses(onKind))).toMatchObject(block);
  expect(shown.map(({ alertmanager }) => alertmanager?.config)).toContainEqual(configIn(withoutAddresses(onKind)));
});

function configIn(yaml: string): object {
  const { config: found } = (parse(yaml) as Values).alertmanager ?? {};
  if (!found) throw new Error('There is no configuration of Alertmanager');
  return found;
}

function textOf(path: string): string {
  return readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
}

function withoutAddresses(yaml: string): string {
  return yaml.replaceAll(/url: \S+/g, 'url: …');
}
