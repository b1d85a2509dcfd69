import sharp from 'sharp';

/**
 * The most that libvips has held at once since this process began, in bytes, as sharp has it: rounded to megabytes. It is of all
 * that libvips allocates, also where its cache is off.
 */
export function vipsPeakBytes(): number {
  return sharp.cache().memory.high * 2 ** 20;
}
