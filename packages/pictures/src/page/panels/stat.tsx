import { type FieldDisplay, getDisplayValueAlignmentFactors, getFieldDisplayValues, VizOrientation } from '@grafana/data';
import {
  BigValue,
  BigValueColorMode,
  BigValueGraphMode,
  type BigValueJustifyMode,
  BigValueTextMode,
  VizRepeater,
} from '@grafana/ui';
import type { Options } from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import { fieldConfigOf } from '../fields.js';
import type { PanelBodyProps } from './panel-body.js';

export function StatBody({ panel, frames, width, height, theme }: PanelBodyProps) {
  const options = panel.options as unknown as Partial<Options>;
  const { graphMode = BigValueGraphMode.Area, orientation = VizOrientation.Auto } = options;
  const values = getFieldDisplayValues({
    data: frames,
    fieldConfig: fieldConfigOf(panel),
    reduceOptions: options.reduceOptions ?? { calcs: ['lastNotNull'] },
    replaceVariables: (text) => text,
    sparkline: graphMode !== BigValueGraphMode.None,
    theme,
    timeZone: 'utc',
  });
  return (
    <VizRepeater<FieldDisplay, ReturnType<typeof getDisplayValueAlignmentFactors>>
      getValues={() => values}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      source={values}
      renderCounter={0}
      width={width}
      height={height}
      autoGrid
      orientation={orientation as VizOrientation}
      renderValue={({ value, alignmentFactors, count, ...size }) => (
        <BigValue
          {...size}
          value={value.display}
          sparkline={value.sparkline}
          count={count}
          colorMode={(options.colorMode ?? BigValueColorMode.Value) as BigValueColorMode}
          graphMode={graphMode as BigValueGraphMode}
          justifyMode={(options.justifyMode ?? 'auto') as BigValueJustifyMode}
          textMode={(options.textMode ?? BigValueTextMode.Auto) as BigValueTextMode}
          alignmentFactors={alignmentFactors}
          text={options.text}
          disableWideLayout={options.wideLayout === false}
          theme={theme}
        />
      )}
    />
  );
}
