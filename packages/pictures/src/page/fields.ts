/** The field configuration of a panel (units, thresholds, colours, overrides) put onto its data, by Grafana's own rules. */
import {
  applyFieldOverrides,
  type DataFrame,
  type FieldConfigPropertyItem,
  FieldConfigOptionsRegistry,
  type FieldConfigSource,
  type GrafanaTheme2,
  identityOverrideProcessor,
  ThresholdsMode,
} from '@grafana/data';
import type { Panel } from '@grafana/schema';

const standard = ['unit', 'min', 'max', 'decimals', 'displayName', 'noValue', 'thresholds', 'mappings', 'links', 'color'];

export function configured(frames: DataFrame[], panel: Panel, theme: GrafanaTheme2): DataFrame[] {
  const fieldConfig = fieldConfigOf(panel);
  return applyFieldOverrides({
    data: frames,
    fieldConfig,
    fieldConfigRegistry: registryFor(fieldConfig),
    replaceVariables: (text) => text,
    theme,
    timeZone: 'utc',
  });
}

/** What a panel has that says nothing of colours and thresholds. */
export function fieldConfigOf(panel: Panel): FieldConfigSource {
  const { defaults, overrides } = panel.fieldConfig as unknown as FieldConfigSource;
  return {
    defaults: {
      color: { mode: panel.type === 'timeseries' ? 'palette-classic' : 'thresholds' },
      ...defaults,
      thresholds: defaults.thresholds ?? {
        mode: ThresholdsMode.Absolute,
        steps: [
          { value: -Infinity, color: 'green' },
          { value: 80, color: 'red' },
        ],
      },
    },
    overrides,
  };
}

/** Grafana has the list of a panel's properties in the plugin; here they are those that are used. */
function registryFor({ defaults, overrides }: FieldConfigSource): FieldConfigOptionsRegistry {
  const overridden = overrides
    .flatMap(({ properties }) => properties.map(({ id }) => id))
    .filter((id) => id.startsWith('custom.'));
  const custom = new Set([...Object.keys(defaults.custom ?? {}).map((name) => `custom.${name}`), ...overridden]);
  return new FieldConfigOptionsRegistry(() => [
    ...standard.map((id) => property(id, id, false)),
    ...[...custom].map((id) => property(id, id.slice('custom.'.length), true)),
  ]);
}

function property(id: string, path: string, isCustom: boolean): FieldConfigPropertyItem {
  return {
    id,
    path,
    isCustom,
    name: id,
    editor: Nothing,
    override: Nothing,
    process: identityOverrideProcessor,
    shouldApply: () => true,
  };
}

/** Nobody edits a picture. */
function Nothing(): undefined {
  return undefined;
}
