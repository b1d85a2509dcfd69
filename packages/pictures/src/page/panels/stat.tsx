import { type FieldDisplay, getDisplayValueAlignmentFactors, VizOrientation } from '@grafana/data';
import {
  BigValue,
  BigValueColorMode,
  BigValueGraphMode,
  type BigValueJustifyMode,
  BigValueTextMode,
  VizRepeater,
} from '@grafana/ui';
import type { Options } from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type { PanelBodyProps } from './panel-body.js';
import { singleFigures } from './single-figures.js';

export function StatBody(props: PanelBodyProps) {
  const { panel, width, height, theme } = props;
  const options = panel.options as unknown as Partial<Options>;
  const { graphMode = BigValueGraphMode.Area, orientation = VizOrientation.Auto } = options;
  const values = singleFigures(props, { reduceOptions: options.reduceOptions, sparkline: graphMode !== BigValueGraphMode.None });
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
