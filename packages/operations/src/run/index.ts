/** Carrying out jobs with sharp: native code, for the worker's child process, tests and benchmarks only. */
export { applyOperations } from './apply-operations.js';
export { prepareSharp } from './prepare.js';
export { vipsPeakBytes } from './vips-memory.js';
export { type OutputResult, run, type RunEvent, type RunRequest, type Stages } from './run.js';
export type { SourceFacts } from '../plan.js';
