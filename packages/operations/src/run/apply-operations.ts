import type { Sharp } from 'sharp';
import type { OperationContext } from '../define.js';
import { defaultLimits } from '../limits.js';
import { type Operation, operationOf } from '../registry.js';
import { type Picture, withColours } from './picture.js';
import { applySteps } from './pipeline.js';
import { openImage, opener } from './prepare.js';

/**
 * Carries out operations on an encoded image in memory, in the way a job does, for examples and tests; all frames of an animation
 * take part. Resolves with a sharp pipeline that is still to be encoded.
 */
export async function applyOperations(
  input: Buffer,
  operations: readonly Operation[],
  image: OperationContext['image'] = () => {
    throw new Error('no second image was given');
  },
): Promise<Sharp> {
  const { width, height, pages = 1, space, autoOrient, orientation = 1 } = await openImage(input, defaultLimits).metadata();
  const steps = operations.map((options) => ({ definition: operationOf(options.operation), options }));
  const frames = steps.every(({ definition }) => definition.frames !== 'first') ? pages : 1;
  const picture: Picture = {
    size: frames > 1 ? { width, height } : autoOrient,
    frames,
    gray: space === 'b-w',
    profiled: false,
    tagged: false,
    shrunk: false,
    state: orientation === 1 ? 'file' : 'turning',
    open: (frame) =>
      openImage(input, defaultLimits, frame === undefined ? { autoOrient: true, animated: frames > 1 } : { page: frame }),
  };
  const pipeline = await applySteps(picture, steps, { limits: defaultLimits, image, open: opener(defaultLimits) });
  return withColours(pipeline.image, pipeline);
}
