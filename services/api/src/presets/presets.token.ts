/** Injection token of the Presets that jobs may name. */
export const PRESETS = Symbol('PRESETS');
