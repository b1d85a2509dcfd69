import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { Sharp } from 'sharp';
import type { Size } from '../define.js';
import { ImageError } from '../image-error.js';
import { keepBlocks } from '../metadata-policy.js';
import { encodingOf, type ImageOutput, type Output } from '../output.js';
import type { SourceFacts } from '../plan.js';
import { type AnyFormat, formatOf } from '../registry.js';
import type { Header } from './header.js';
import { withColours } from './picture.js';
import type { Pipeline } from './pipeline.js';

/** A finished image, in a file. */
export interface Encoded extends Size {
  readonly format: string;
  readonly mediaType: string;
  /** Frames. */
  readonly pages: number;
  readonly bytes: number;
  /** Of the bytes, in hexadecimal. */
  readonly sha256: string;
}

interface Destination {
  readonly path: string;
  readonly sync: boolean;
}

/** Runs the last pipeline of an output and writes what comes out of it to a file. */
export async function encode(
  pipeline: Pipeline,
  output: ImageOutput,
  { facts, metadata }: Header,
  { path, sync }: Destination,
): Promise<Encoded> {
  const encoding = encodingOf(output, facts.format);
  const format = formatOf(encoding.format);
  if (pipeline.size) checkSide(pipeline.size, format);

  const profile = profileOf(output, facts);
  const profiled = pipeline.profiled && !pipeline.gray && profile === 'keep';
  const kept = keepBlocks(inFinalColours(pipeline, profile), output, metadata, profiled);
  // What was decoded before has lost the timing of its frames.
  const timing = pipeline.frames > 1 ? { loop: metadata.loop, delay: metadata.delay } : {};
  const image = format.encode(kept, { ...timing, ...encoding });
  const { data, info } = await image.toBuffer({ resolveWithObject: true });
  // Synchronous, as the process has nothing else to do meanwhile.
  writeFileSync(path, data, { mode: 0o600, flush: sync });
  return {
    format: format.id,
    mediaType: format.mediaType,
    width: info.width,
    height: info.pageHeight ?? info.height,
    pages: info.pages ?? 1,
    bytes: data.length,
    sha256: createHash('sha256').update(data).digest('hex'),
  };
}

/** Whether the colours have to keep the source's profile on their way to this output. */
export function wantsProfile(output: Output, source: SourceFacts): boolean {
  return !('analysis' in output) && profileOf(output, source) !== 'srgb';
}

function profileOf(output: ImageOutput, { format }: SourceFacts): ImageOutput['profile'] {
  // GIF has no place for a profile: the colours have to be those that are meant without one.
  return encodingOf(output, format).format === 'gif' ? 'srgb' : output.profile;
}

function inFinalColours({ image, gray, profiled }: Pipeline, profile: ImageOutput['profile']): Sharp {
  if (gray || profile !== 'p3') return withColours(image, { gray, profiled: profiled && profile === 'keep' });
  // Pixels with a profile sharp would take to Display P3 by way of sRGB, which has fewer colours. In 16 bits it does not; without
  // a profile, it would then think that they are in it already.
  const wide = image.pipelineColourspace(profiled ? 'rgb16' : 'srgb');
  return wide.toColourspace('srgb').withIccProfile('p3');
}

function checkSide({ width, height }: Size, { title, maxSide }: AnyFormat): void {
  if (Math.max(width, height) <= maxSide) return;
  throw new ImageError('output_limit_exceeded', `${width}×${height} pixels: a side of ${title} has ${maxSide} at most`);
}
