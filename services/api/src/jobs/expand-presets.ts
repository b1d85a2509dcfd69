import { expandPreset, type Output, type OutputRequest, PresetNotFound, type Presets } from '@tintype/operations';
import { problem } from '../http/problems.js';

/** The whole pipelines that a request stands for. `at`: a pointer to its outputs, for the problem of a preset that is not there. */
export function expandPresets(requests: readonly OutputRequest[], presets: Presets, at: string): Output[] {
  return requests.map((request, index) => {
    try {
      return expandPreset(request, presets);
    } catch (error) {
      if (!(error instanceof PresetNotFound)) throw error;
      const pointer = `${at}/${index}/preset`;
      throw problem('preset_not_found', undefined, { errors: [{ pointer, code: 'preset_not_found', detail: error.message }] });
    }
  });
}
