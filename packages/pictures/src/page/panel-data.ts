/** What a panel shows, asked for before anything is drawn. */
import {
  type DataFrame,
  type DataTransformerConfig,
  standardTransformers,
  standardTransformersRegistry,
  transformDataFrame,
} from '@grafana/data';
import type { Panel } from '@grafana/schema';
import { firstValueFrom } from 'rxjs';
import { framesOf } from './frames.js';
import { boxOf } from './layout.js';
import type { PictureRequest, QueryReport } from './picture.js';
import { askTargets, reportOf } from './queries.js';
import type { Variable } from './variables.js';

export interface PanelData {
  readonly panel: Panel;
  readonly frames: DataFrame[];
  readonly queries: readonly QueryReport[];
  /** Why there are no frames. */
  readonly error?: string;
}

// Some are there under two names.
standardTransformersRegistry.setInit(() =>
  [...new Set(Object.values(standardTransformers))].map((transformation) => ({
    id: transformation.id,
    name: transformation.name,
    aliasIds: [],
    transformation: () => Promise.resolve(transformation),
    editor: () => undefined,
    imageDark: '',
    imageLight: '',
  })),
);

export async function loadPanel(panel: Panel, variables: readonly Variable[], request: PictureRequest): Promise<PanelData> {
  try {
    const answers = await askTargets(panel, Math.floor(boxOf(panel).width), variables, request);
    const frames = await firstValueFrom(
      transformDataFrame((panel.transformations ?? []) as DataTransformerConfig[], framesOf(answers)),
    );
    return { panel, frames, queries: answers.map(reportOf) };
  } catch (error) {
    return { panel, frames: [], queries: [], error: error instanceof Error ? error.message : String(error) };
  }
}
