import { type FieldDisplay, getDisplayValueAlignmentFactors, VizOrientation } from '@grafana/data';
import { BarGaugeDisplayMode, BarGaugeNamePlacement, BarGaugeValueMode } from '@grafana/schema';
import { BarGauge, VizRepeater } from '@grafana/ui';
import type { Options } from '@grafana/schema/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen';
import type { PanelBodyProps } from './panel-body.js';
import { singleFigures } from './single-figures.js';

export function BarGaugeBody(props: PanelBodyProps) {
  const { panel, width, height, theme } = props;
  const options = panel.options as unknown as Partial<Options>;
  const { displayMode = BarGaugeDisplayMode.Gradient, orientation = VizOrientation.Auto } = options;
  const values = singleFigures(props, { reduceOptions: options.reduceOptions });
  return (
    <VizRepeater<FieldDisplay, ReturnType<typeof getDisplayValueAlignmentFactors>>
      getValues={() => values}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      source={values}
      renderCounter={0}
      width={width}
      height={height}
      minVizWidth={options.minVizWidth ?? 8}
      minVizHeight={options.minVizHeight ?? 16}
      maxVizHeight={options.maxVizHeight ?? 300}
      itemSpacing={displayMode === BarGaugeDisplayMode.Lcd ? 2 : 10}
      orientation={orientation as VizOrientation}
      renderValue={({ value, alignmentFactors, orientation: direction, ...size }) => (
        <BarGauge
          {...size}
          value={value.display}
          field={value.field}
          display={value.view?.getFieldDisplayProcessor(value.colIndex ?? 0)}
          orientation={direction}
          displayMode={displayMode}
          showUnfilled={options.showUnfilled ?? true}
          namePlacement={options.namePlacement ?? BarGaugeNamePlacement.Auto}
          valueDisplayMode={options.valueMode ?? BarGaugeValueMode.Color}
          alignmentFactors={alignmentFactors}
          theme={theme}
        />
      )}
    />
  );
}
