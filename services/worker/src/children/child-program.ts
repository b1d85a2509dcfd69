/** The program of the child processes, and the only one of the service that loads native image code. */
import type { ImageLimits } from '@tintype/operations';
import { prepareSharp, run } from '@tintype/operations/run';
import { serve } from './serve.js';

await prepareSharp(JSON.parse(process.argv[2] ?? '') as ImageLimits);
serve(run);
