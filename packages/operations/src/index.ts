/** The image vocabulary of Tintype. Nothing here loads native code: that is `@tintype/operations/run`. */
export { ImageReference, referenceKey, type Size } from './define.js';
export { ImageError, type ImageErrorCode, imageErrorCodes } from './image-error.js';
export {
  defaultLimits,
  imageLimits,
  imageLimitSettings,
  incomingFileSettings,
  inputFormats,
  type ImageLimits,
  type InputFormat,
} from './limits.js';
export {
  analysisIds,
  type AnalysisId,
  type FormatId,
  formatOf,
  Operation,
  type OperationId,
  operationIds,
  outputFormats,
} from './registry.js';
export {
  type ActionId,
  actionIds,
  actionsOf,
  type AnalysisOutput,
  type ImageOutput,
  maxOperations,
  Output,
  OutputName,
  OutputRequest,
  references,
} from './output.js';
export { expandPreset, loadPresets, Preset, PresetNotFound, Presets, PresetsInvalid } from './presets.js';
export { type Catalogue, catalogue } from './catalogue.js';
export { operationsReference } from './reference.js';
export { announcedFormat, sniffedBytes } from './sniff.js';
