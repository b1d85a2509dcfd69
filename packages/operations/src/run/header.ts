/** The header of a file: enough to refuse what is too large or not an image, before a pixel is decoded. */
import { closeSync, openSync, readSync } from 'node:fs';
import type { Metadata } from 'sharp';
import { ImageError } from '../image-error.js';
import type { ImageLimits, InputFormat } from '../limits.js';
import type { SourceFacts } from '../plan.js';
import { announcedFormat, sniffedBytes } from '../sniff.js';
import { guarded } from './faults.js';
import { openImage } from './prepare.js';

export interface Header {
  readonly facts: SourceFacts;
  readonly metadata: Metadata;
}

/** Rejects with an ImageError for what is not an image of an allowed format, is damaged in its header, or is too large. */
export async function readHeader(path: string, limits: ImageLimits): Promise<Header> {
  const format = announcedFormat(readHead(path), limits.inputFormats);
  const metadata = await readMetadata(path, format);
  // libheif opens HEVC's header, and some builds its pixels too.
  if (format === 'avif' && metadata.compression !== 'av1') {
    throw new ImageError('unsupported_format', 'An HEIF image, but not AV1 inside');
  }
  const facts = factsOf(format, metadata);
  checkLimits(facts, limits);
  return { facts, metadata };
}

/** Synchronous, as the process has nothing else to do: three trips through the thread pool would take ten times as long. */
function readHead(path: string): Uint8Array {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(sniffedBytes);
    return head.subarray(0, readSync(file, head));
  } finally {
    closeSync(file);
  }
}

async function readMetadata(path: string, format: InputFormat): Promise<Metadata> {
  return guarded(async () => {
    try {
      // Without limits, to be able to say by how much they are exceeded.
      return await openImage(path, { inputPixels: 0 }, { limitInputPixels: false, limitInputChannels: false }).metadata();
    } catch (error) {
      if (error instanceof Error && error.message.includes('unsupported image format')) {
        throw new ImageError('corrupt_image', `It begins like ${format}, but cannot be read as such`);
      }
      throw error;
    }
  });
}

function factsOf(format: InputFormat, metadata: Metadata): SourceFacts {
  const { width, height } = metadata.autoOrient;
  return {
    format,
    width,
    height,
    pages: format === 'gif' || format === 'webp' ? (metadata.pages ?? 1) : 1,
    orientation: metadata.orientation ?? 1,
    hasAlpha: metadata.hasAlpha,
    channels: metadata.channels,
    depth: metadata.depth,
    progressive: metadata.isProgressive,
    space: metadata.space,
    hasProfile: metadata.hasProfile,
  };
}

function checkLimits({ width, height, pages, channels }: SourceFacts, limits: ImageLimits): void {
  if (channels > 5) throw new ImageError('unsupported_format', `The image has ${channels} channels, 5 are allowed at most`);
  if (pages > limits.inputFrames) {
    throw new ImageError('frame_limit_exceeded', `The animation has ${pages} frames, ${limits.inputFrames} are allowed at most`);
  }
  if (width * height * pages > limits.inputPixels) {
    const shape = pages > 1 ? `${width}×${height} pixels in ${pages} frames` : `${width}×${height} pixels`;
    throw new ImageError('pixel_limit_exceeded', `The image has ${shape}, ${limits.inputPixels} pixels are allowed at most`);
  }
}
