/** What sharp may read in this process, and how. */
import { fileURLToPath } from 'node:url';
import sharp, { type Sharp, type SharpOptions } from 'sharp';
import type { OperationContext } from '../define.js';
import type { ImageLimits, InputFormat } from '../limits.js';

const loaders: Readonly<Record<InputFormat, string>> = {
  jpeg: 'Jpeg',
  png: 'Png',
  webp: 'Webp',
  gif: 'Nsgif',
  avif: 'Heif',
  tiff: 'Tiff',
};

/** What carries a picture from one pipeline to the next where raw pixels would lose something, see `materialise`. */
const carrierLoaders = ['VipsForeignLoadTiffBuffer', 'VipsForeignLoadPngBuffer'];

/** Read when the first text is drawn. Without it, a font of the machine goes before ours of the same name. */
const fontConfiguration = fileURLToPath(new URL('../../fonts/fonts.conf', import.meta.url));

const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>');

/**
 * Makes sharp fit for strangers' files: of all of libvips's loaders only those of the allowed formats stay in force. One thread
 * for each picture and no cache, as a process here works on one job at a time and several processes share the cores.
 * Rejects when libvips did not obey.
 */
export async function prepareSharp(limits: Pick<ImageLimits, 'inputFormats'>): Promise<void> {
  process.env['FONTCONFIG_FILE'] = fontConfiguration;
  sharp.cache(false);
  sharp.concurrency(1);
  sharp.block({ operation: ['VipsForeignLoad'] });
  const allowed = limits.inputFormats.flatMap((format) =>
    ['File', 'Buffer'].map((from) => `VipsForeignLoad${loaders[format]}${from}`),
  );
  sharp.unblock({ operation: [...allowed, ...carrierLoaders] });

  const readsSvg = await sharp(svg)
    .metadata()
    .then(
      () => true,
      () => false,
    );
  if (readsSvg) throw new Error('libvips reads SVG although its loader is blocked');
}

/** Opens a stranger's file or bytes, within the limits. Sequential, and strict: what is damaged is refused. */
export function openImage(input: string | Buffer, limits: Pick<ImageLimits, 'inputPixels'>, options: SharpOptions = {}): Sharp {
  return sharp(input, {
    limitInputPixels: limits.inputPixels,
    limitInputChannels: 5,
    failOn: 'warning',
    sequentialRead: true,
    ...options,
  });
}

/** The `open` that operations and analyses get. */
export function opener(limits: Pick<ImageLimits, 'inputPixels'>): OperationContext['open'] {
  return (input, raw) => {
    if (typeof input !== 'string' && !Buffer.isBuffer(input)) return sharp(input);
    // What sharp reports of raw pixels calls them premultiplied when they no longer are; it would take them back a second time.
    return openImage(input, limits, raw ? { raw: { ...raw, premultiplied: false } } : {});
  };
}
